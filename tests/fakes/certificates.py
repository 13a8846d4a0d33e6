"""Certificates for the fake providers that speak https: one authority per process, which nobody else trusts."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path

import trustme


@functools.cache
def authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def server_tls() -> ssl.SSLContext:
    """For a server that is called localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def ca_file(folder: Path) -> Path:
    """The authority's certificate, for $SSL_CERT_FILE."""
    path = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(path))
    return path
