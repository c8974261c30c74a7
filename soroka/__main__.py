"""``python -m soroka`` is the command ``soroka``."""

from soroka.cli import main

if __name__ == "__main__":
    main(prog_name="soroka")
