"""A real SMTP server that takes letters, or does what a test wants of it."""

import socket
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class _OwnSocket(Controller):
    """Listens on a port that nobody else can have taken meanwhile."""

    def _create_server(self) -> Any:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=self.socket)


class MailServer:
    """answers: by recipient, what is said to him in place of 250; of ``DATA``: to every letter."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.letters: list[tuple[str, EmailMessage]] = []
        self._controller = _OwnSocket(self, hostname="127.0.0.1")
        self._controller.start()
        self.port = self._controller.port

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if (answer := self.answers.get(address, "250 OK")).startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if (answer := self.answers.get("DATA", "250 OK")).startswith("250"):
            letter = message_from_bytes(envelope.content, policy=default)
            self.letters += [(address, letter) for address in envelope.rcpt_tos]
        return answer

    def stop(self) -> None:
        if self._controller.loop.is_running():
            self._controller.stop()

    @property
    def recipients(self) -> list[str]:
        """Who got a letter, as often as he got one."""
        return sorted(address for address, _ in self.letters)


def parts(letter: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a letter."""
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text and html
    return text.get_content(), html.get_content()
