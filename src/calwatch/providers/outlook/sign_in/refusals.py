"""Why Microsoft's sign-in says no, in a person's words with what to do.

What is done about it depends on ``error`` and ``suberror`` alone (``Kind``); the AADSTS numbers change and only choose
the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calwatch.model.plain import one_line
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.sign_in.tenants import consent_address, may_be_work

_AGAIN = frozenset({"interaction_required", "login_required", "consent_required", "invalid_grant"})
_DECLINED = frozenset({"access_denied", "authorization_declined"})
_NOT_IN_TIME = frozenset({"expired_token", "bad_verification_code", "code_expired"})
_NUMBER = re.compile(r"AADSTS(\d{4,8})", re.ASCII)

_CONSENT = frozenset({65001, 90094, 90095, 90093, 900941})
_POLICY = frozenset({53000, 53001, 53002, 53003, 530003, 530021, 530034, 530035, 50097, 50005})
_ENDED = {
    50076: "your organization now wants a second factor",
    50079: "your organization now wants a second factor",
    50158: "your organization now wants a second factor",
    50173: "the password was changed, or all sessions were ended",
    50133: "the password was changed, or all sessions were ended",
    50057: "the account is disabled",
    50078: "your organization wants you to sign in again from time to time",
    70008: "it was not used for too long",
    700082: "it was not used for too long",
    700084: "it has reached its longest time",
}


class Kind(StrEnum):
    """What a refusal calls for."""

    SIGN_IN = "sign in"  # the person must sign in again, or somebody must allow it
    CONFIGURATION = "configuration"  # the app registration or the configuration must be changed
    UNKNOWN = "unknown"  # a word we do not know; it may be better next time


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal. ``why`` is a clause about the sign-in; ``advice`` a sentence, empty when signing in again is all."""

    kind: Kind
    why: str
    advice: str = ""

    def sentence(self, begins: str, again: str) -> str:
        """The whole of it: ``begins`` names what failed, ``again`` is the command that signs in."""
        return f"{begins}: {self.why}. {self.advice}" if self.advice else f"{begins}: {self.why}; run: {again}"


def refusal(account: OutlookAccount, answer: Mapping[str, Any]) -> Refused:
    """What ``answer``, an error of the token endpoint or the browser's, means."""
    error = one_line(str(answer.get("error", "")), 80)
    described = str(answer.get("error_description") or error)
    said = one_line(described.partition("Trace ID:")[0], 200).rstrip(".")
    if answer.get("suberror"):
        said = f"{said} ({one_line(str(answer['suberror']), 40)})"
    numbers = _numbers(answer, described)
    again = f"run: calwatch auth {account.name}"
    if numbers & _CONSENT or "consent_required" in (error, answer.get("suberror")):
        return Refused(Kind.SIGN_IN, f"it was not allowed what calwatch needs: {said}", _consent(account))
    if numbers & _POLICY:
        return Refused(Kind.SIGN_IN, f"a rule of your organization stands against it: {said}", _policy(account))
    advice = next((text for number, text in _registration(account).items() if number in numbers), "")
    if error in _AGAIN:
        ended = next((text for number, text in _ENDED.items() if number in numbers), "")
        return Refused(Kind.SIGN_IN, ended or said, f"{advice}, then {again}" if advice else "")
    if error in _DECLINED:
        return Refused(Kind.SIGN_IN, "you declined, or were not allowed to agree")
    if error in _NOT_IN_TIME:
        return Refused(Kind.SIGN_IN, "the code ran out before it was used")
    advice = advice or "Compare the app registration with docs/outlook.md"
    known = error in ("invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "invalid_resource")
    return Refused(Kind.CONFIGURATION if known else Kind.UNKNOWN, f"{said} ({error})", f"{advice}, then {again}")


def _consent(account: OutlookAccount) -> str:
    again = f"run: calwatch auth {account.name}"
    if not may_be_work(account):
        return f"To allow it, {again}"
    return (
        f"Your organization may want an administrator to allow it first. Ask one to open {consent_address(account)} "
        f"and agree; then {again}"
    )


def _policy(account: OutlookAccount) -> str:
    if account.sign_in == "device-code":
        return (
            'Many organizations forbid signing in by a code: set sign_in = "browser" for the account and run: '
            f"calwatch auth {account.name}. If that is refused too, only your administrator can help"
        )
    return "Only your administrator can change that; ask for an exception, or for what the device must fulfil"


def _registration(account: OutlookAccount) -> dict[int, str]:
    """By number: what to change, as the beginning of a sentence."""
    public = 'In the app registration, under Authentication, set "Allow public client flows" to Yes'
    personal = 'The app registration is for personal accounts only: set tenant = "consumers" for the account'
    everybody = (
        "The app registration is for one organization only: set tenant of the account to that organization's id, or "
        'change "Supported account types" to any organization and personal accounts'
    )
    loopback = (
        "In the app registration, under Authentication, add the platform "
        '"Mobile and desktop applications" with the redirect address http://localhost'
    )
    unknown = (
        f'There is no app with client_id {account.client_id} for tenant "{account.tenant}": compare it with '
        '"Application (client) ID" in the app registration; if that is for one organization only, set tenant to its id'
    )
    return {
        7000218: public,
        700025: public,
        70002: public,  # told by personal accounts: the app must be marked as "mobile"
        50194: everybody,
        90130: everybody,
        9002331: personal,
        9002332: 'The app registration is for organizations only: set tenant = "organizations" for the account',
        9002346: personal,
        700016: unknown,
        700038: unknown,
        50011: loopback,
        500113: loopback,
        9002326: loopback,
        50020: f'This account does not belong to tenant "{account.tenant}": correct tenant, or choose another account',
        50034: f'This account does not belong to tenant "{account.tenant}": correct tenant, or choose another account',
        50105: "Ask your administrator to assign you to the app",
        90002: f'There is no tenant "{account.tenant}": correct it',
    }


def _numbers(answer: Mapping[str, Any], described: str) -> frozenset[int]:
    codes = answer.get("error_codes")
    listed = [code for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    return frozenset(listed) | frozenset(int(number) for number in _NUMBER.findall(described[:2000]))
