"""One SMTP transmission whose point of no return is known; the only code of the local provider that sends.

smtplib raises the same exceptions before and after the final dot, so the phases are walked here by hand. A server may
not deliver without the dot (RFC 5321 §4.1.1.4), and after it only its reply tells (§4.5.3.2.6).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence

from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop
from calwatch.model.plain import one_line
from calwatch.ports import Accepted, Refused
from calwatch.providers.local.server import Server

FINAL_WAIT = 600.0
"""Seconds to wait for the reply to the final dot (RFC 5321 §4.5.3.2.6)."""


def transmit(
    server: Server,
    *,
    sender: str,
    recipients: Sequence[str],
    data: bytes,
    commit: Callable[[], None],
    timeout: float = 30.0,
    final_wait: float = FINAL_WAIT,
) -> Accepted | Refused:
    """Hands ``data`` (CRLF lines) over, to all recipients or to none.

    ``commit`` is called when everything but the final dot has been sent; whatever it raises stops the mail. Raises
    ``Retry`` when certainly nothing was delivered, ``Doubt`` when the reply to the dot did not come.
    """
    try:
        with _Session(server, timeout) as session:
            refused = session.prepare(server, sender, recipients)
            if refused is not None:
                return refused
            session.body(data)
            commit()
            return session.finish(final_wait)
    except smtplib.SMTPAuthenticationError:
        raise NeedsSignIn(f"{server.name} did not accept the user name and password") from None
    except (OSError, smtplib.SMTPException) as error:
        # Everything after the dot is turned into Doubt by ``finish``: what arrives here was never delivered.
        raise Retry(f"{server.name} could not take the mail: {_words(error)}") from error


class _Session:
    """One connection; closes without a word when left, so that an unfinished mail is dropped by the server."""

    def __init__(self, server: Server, timeout: float) -> None:
        if server.tls:
            self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=_context())
        else:
            self._smtp = smtplib.SMTP(server.host, server.port, timeout=timeout)

    def __enter__(self) -> _Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.close()

    def prepare(self, server: Server, sender: str, recipients: Sequence[str]) -> Refused | None:
        """Everything up to DATA; a lasting no to the sender or to any recipient refuses the whole mail."""
        smtp = self._smtp
        smtp.ehlo_or_helo_if_needed()
        if not server.tls and smtp.has_extn("starttls") and not server.on_this_machine:
            smtp.starttls(context=_context())
            smtp.ehlo()
        elif server.user and not server.tls and not server.on_this_machine:
            raise Stop(f"{server.name} offers no encryption; the password is not sent in the clear")
        if server.user:
            smtp.login(server.user, _password(server))
        options = ["body=8bitmime"] if smtp.has_extn("8bitmime") else []
        for code, answer in (smtp.mail(sender, options), *(smtp.rcpt(address) for address in recipients)):
            if code >= 500:
                return Refused(f"{code} {_words(answer)}")
            if code >= 300:
                raise Retry(f"{server.name} asks to try later: {code} {_words(answer)}")
        code, answer = smtp.docmd("DATA")
        if code >= 500:
            return Refused(f"{code} {_words(answer)}")
        if code != 354:
            raise Retry(f"{server.name} asks to try later: {code} {_words(answer)}")
        return None

    def body(self, data: bytes) -> None:
        """The mail without its final dot, leading dots doubled (RFC 5321 §4.5.2)."""
        lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
        self._smtp.send(b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines))

    def finish(self, wait: float) -> Accepted | Refused:
        """The dot and its reply. Without one nobody can tell whether the mail was delivered."""
        try:
            self._smtp.send(b".\r\n")
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(wait)
            code, answer = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Doubt(f"the connection broke after the mail was handed over: {_words(error)}") from error
        if 200 <= code < 300:
            return Accepted()
        if 400 <= code < 500:
            raise Retry(f"the server asks to try later: {code} {_words(answer)}")
        if 500 <= code < 600:
            return Refused(f"{code} {_words(answer)}")
        raise Doubt(f"the server answered the mail with {code} {_words(answer)}")


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _password(server: Server) -> str:
    import os

    if server.password_file is None:
        given = os.environ.get("CALWATCH_SMTP_PASSWORD", "")
        if not given:
            raise NeedsSignIn(f"{server.name} wants a password; name a password_file for the account")
        return given
    try:
        return server.password_file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeError):
        raise NeedsSignIn(f"the password file {server.password_file} cannot be read") from None


def _words(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return one_line(str(value), 200)
