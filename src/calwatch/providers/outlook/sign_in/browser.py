"""Signing in with a browser that comes back to this machine (RFC 8252: loopback, PKCE), or whose address is pasted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calwatch.providers.outlook.sign_in.authority import Authority
from calwatch.providers.remote.loopback import Loopback
from calwatch.providers.signing import Terminal

_BACK = "http://localhost:{port}"  # Microsoft takes any port of this name, and of no other (RFC 8252 §7.3)


def by_browser(authority: Authority, scopes: Sequence[str], terminal: Terminal) -> Mapping[str, Any]:
    """Leads the person through it; gives the tokens or the refusal."""
    with Loopback(_BACK) as loopback:
        flow = authority.browser_flow(scopes, loopback.address, loopback.state)
        returned = loopback.lead(flow["auth_uri"], terminal)
    if returned.error:
        return {"error": returned.error, "error_description": returned.description or returned.error}
    return authority.redeemed(flow, returned.code)
