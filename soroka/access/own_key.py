"""Whether the key of the service is its own, or one that anybody could guess."""

#: Characters below which a key could be guessed by who has a copy of the database.
SHORTEST_KEY = 32
_FEWEST_LETTERS = 5


def require_own_key(key: str, *, debug: bool) -> None:
    """Raises SystemExit where anybody could guess what signs sessions and tokens. DEBUG lets it pass."""
    is_default = len(key) < SHORTEST_KEY or len(set(key)) < _FEWEST_LETTERS or key.startswith("django-insecure-")
    if is_default and not debug:
        raise SystemExit(
            f"SECRET_KEY is too short or too simple: whoever guesses it comes in as anybody. Give it {SHORTEST_KEY} "
            "characters or more, at random: openssl rand -hex 24"
        )
