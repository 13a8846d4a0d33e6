"""Signing in by a code that is typed on any device (RFC 8628): this machine needs no browser."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calwatch.errors import Retry
from calwatch.model.plain import one_line
from calwatch.providers.outlook.sign_in.authority import Authority
from calwatch.providers.outlook.sign_in.carrier import PENDING

_SLOWER = 5  # seconds more after "slow_down" or a lost poll (RFC 8628 §3.5)
_RAN_OUT = {"error": "expired_token"}


def by_code(
    authority: Authority, scopes: Sequence[str], say: Callable[[str], None], pause: Callable[[float], None]
) -> Mapping[str, Any]:
    """Shows the code and waits until it was used, refused, or ran out; gives the tokens or the refusal.

    It can be broken off at any moment: nothing is kept here.
    """
    flow = authority.device_code(scopes)
    if "error" in flow:
        return flow
    say(_told(flow))
    waited = 0.0
    while waited < float(flow["expires_in"]):
        wait = float(flow["interval"])
        pause(wait)
        waited += wait
        try:
            answer = authority.polled(flow)
        except Retry as passing:
            flow["interval"] = max(flow["interval"] + _SLOWER, math.ceil(passing.after or 0.0))
            continue
        if answer.get("error") not in PENDING:
            return answer
    return _RAN_OUT


def _told(flow: Mapping[str, Any]) -> str:
    """Microsoft's own sentence when it has all in it, else ours."""
    message = one_line(str(flow.get("message", "")), 500)
    address, code = one_line(flow["verification_uri"], 300), one_line(flow["user_code"], 40)
    if code not in message or address not in message:
        message = f"To sign in, open {address} in any browser, on any device, and enter the code {code}"
    minutes = max(1, int(flow["expires_in"]) // 60)
    return (
        f"{message}\n\nThe code is good for {minutes} minutes at most, for personal accounts often for 5. Waiting "
        "until you are done; Ctrl-C breaks off, and then nothing is stored."
    )
