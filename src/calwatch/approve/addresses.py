"""Where the page may be: on this machine, and under one public name that a reverse proxy serves. Pure text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LISTEN = re.compile(r"(127(?:\.(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])){3}|localhost|\[::1\]):([1-9]\d{0,4})", re.ASCII)
_PORT_ONLY = re.compile(r"(?:127\.[\d.]+|localhost|\[?::1\]?)(?::.*)?", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PUBLIC = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::([1-9]\d{{0,4}}))?/?", re.ASCII)
_HERE = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[::1\]", re.ASCII)
_DEFAULT_PORTS = {"https": "443", "http": "80"}


def listen_address(value: str) -> str:
    """``value`` as a numeric loopback address with its port; "" is none. Raises ValueError with what to write.

    ``localhost`` becomes 127.0.0.1: a name that stands for two addresses would leave one of them to somebody else.
    """
    text = value.strip()
    if not text:
        return ""
    found = _LISTEN.fullmatch(text)
    if found is not None and int(found[2]) < 65536:
        return f"{found[1].replace('localhost', '127.0.0.1')}:{found[2]}"
    if text.startswith(("unix:", "/")):
        raise ValueError(f'{value!r}: unix sockets are not supported; write it as "127.0.0.1:8765"')
    if _PORT_ONLY.fullmatch(text):
        raise ValueError(f'{value!r} is no address with a port (1 to 65535); write it as "127.0.0.1:8765"')
    raise ValueError(
        f'{value!r}: the page listens on this machine only; write it as "127.0.0.1:8765". To reach it from elsewhere, '
        "put a reverse proxy with https in front and name its address in public_url (docs/page.md)"
    )


def public_origin(value: str) -> str:
    """``value`` as an origin (scheme, host, port if not the usual one); "" is none. Raises ValueError."""
    text = value.strip().lower()
    if not text:
        return ""
    found = _PUBLIC.fullmatch(text)
    if found is None or int(found[3] or 1) > 65535:
        if re.fullmatch(r"https?://[^/?#@]+/[^?#]+", text):
            raise ValueError(
                f'{value!r}: the page needs a name of its own, without a path; such as "{_nameless(text)}"'
            )
        raise ValueError(f'{value!r} is not an https address; write it as "https://calwatch.example.org"')
    scheme, host, port = found.groups()
    if scheme == "http" and not _HERE.fullmatch(host):
        raise ValueError(f"{value!r} is not safe without https: whoever is on the way could read and approve")
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")


def _nameless(text: str) -> str:
    return f"https://calwatch.{(urlsplit(text).hostname or 'example.org').removeprefix('www.')}"


def is_same_place(listen: str, public: str) -> bool:
    """Whether the public origin is the page's own loopback address, so that nothing would tell the two apart."""
    found = urlsplit(public)
    port = found.port or int(_DEFAULT_PORTS.get(found.scheme, "0"))
    host = f"[{found.hostname}]" if ":" in (found.hostname or "") else found.hostname or ""
    return bool(_HERE.fullmatch(host)) and listen.rpartition(":")[2] == str(port)
