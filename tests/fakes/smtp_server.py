"""A real SMTP server on the loopback that can break off at any phase of a transmission."""

from __future__ import annotations

import asyncio
import socket
from enum import StrEnum
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Cut(StrEnum):
    """Where the server breaks off, or what it answers instead of taking the mail."""

    NONE = "none"
    HELLO = "hello"
    MAIL = "mail"
    RCPT = "rcpt"
    NO_SUCH_USER = "550"
    GREYLISTED = "450"
    DATA = "data"
    BODY = "body"
    TAKEN = "taken"  # after the dot: delivered, the answer is lost
    DROPPED = "dropped"  # after the dot: not delivered, and the answer is lost as well
    LATER = "451"
    SPAM = "554"


class _Server(SMTP):
    """Breaks the connection where a handler hook is not enough: at DATA and in the middle of the mail."""

    async def smtp_DATA(self, argument: str) -> None:  # noqa: N802 - the library's name for a command
        handler: _Handler = self.event_handler
        if handler.cut is Cut.DATA:
            _abort(self)
        elif handler.cut is Cut.BODY:
            await self.push("354 go on")
            await self._reader.readuntil(b"\r\n")
            _abort(self)
        else:
            await super().smtp_DATA(argument)


class _Handler:
    def __init__(self) -> None:
        self.cut = Cut.NONE
        self.accepted: list[Envelope] = []
        self.seen = 0

    async def handle_EHLO(  # noqa: N802 - the library's name for a hook
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self.cut is Cut.HELLO:
            _abort(server)
        return responses

    async def handle_MAIL(  # noqa: N802 - the library's name for a hook
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.cut is Cut.MAIL:
            _abort(server)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name for a hook
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.cut is Cut.RCPT:
            _abort(server)
        if self.cut is Cut.NO_SUCH_USER:
            return "550 no such user here"
        if self.cut is Cut.GREYLISTED:
            return "450 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.seen += 1
        if self.cut in (Cut.NONE, Cut.TAKEN):
            self.accepted.append(envelope)
        if self.cut in (Cut.TAKEN, Cut.DROPPED):
            _abort(server)
        if self.cut is Cut.LATER:
            return "451 try again later"
        if self.cut is Cut.SPAM:
            return "554 this looks like spam"
        return "250 OK"


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, hostname="mail.example", loop=self.loop)


class SmtpServer:
    """``with SmtpServer() as server``: ``url`` to send to, ``cut`` to break it, ``accepted`` is the truth."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._handler = _Handler()
        self._loop = asyncio.new_event_loop()
        self._controller = _Controller(self._handler, hostname="127.0.0.1", port=self.port, loop=self._loop)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def accepted(self) -> list[Envelope]:
        return self._handler.accepted

    @property
    def seen(self) -> int:
        """How many whole mails arrived, accepted or not."""
        return self._handler.seen

    @property
    def cut(self) -> Cut:
        return self._handler.cut

    @cut.setter
    def cut(self, value: Cut) -> None:
        self._handler.cut = value

    def __enter__(self) -> SmtpServer:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


def _abort(server: Any) -> None:
    if server.transport is not None:
        server.transport.abort()
