"""Microsoft's sign-in for one account through msal: the four things it is asked for, and what it keeps of them.

msal is built when it is first needed, for that alone asks where to sign in, and then kept. The authority is the one
that is configured; nobody is asked whether it is known (``instance_discovery``), which a national cloud may not be.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calwatch.errors import Retry
from calwatch.ports import Clock
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.sign_in.carrier import Carrier
from calwatch.providers.remote.wire import Wire

_EMPTY = "{}"


class Authority:
    """One account's way to tokens. Not for several threads at once."""

    def __init__(self, account: OutlookAccount, wire: Wire, clock: Clock) -> None:
        self._account = account
        self._carrier = Carrier(account, wire, clock)
        self._application: Any = None
        self._cache: Any = None

    def renewed(
        self, cache: str, home_account_id: str, scopes: Sequence[str], claims: str = ""
    ) -> Mapping[str, Any] | None:
        """New tokens for the account in ``cache``, or the refusal; ``None`` when the cache has nothing for it.

        Raises Retry for what passes, Stop. ``kept`` is then the cache to store, before the token is used.
        """
        application = self._built(cache)
        known = [one for one in application.get_accounts() if one["home_account_id"] == home_account_id]
        if not known:
            return None
        answer: Mapping[str, Any] | None = self._asked(
            lambda: application.acquire_token_silent_with_error(
                list(scopes), account=known[0], force_refresh=True, claims_challenge=claims or None
            )
        )
        return answer

    def device_code(self, scopes: Sequence[str]) -> dict[str, Any]:
        """A code to be typed somewhere else, or the refusal."""
        application = self._built(_EMPTY)
        flow = dict(self._asked(lambda: application.initiate_device_flow(scopes=list(scopes))))
        return {**flow, "interval": max(1, flow["interval"])}  # with none, msal would never stop asking

    def polled(self, flow: dict[str, Any]) -> Mapping[str, Any]:
        """Asks once whether the code was typed; ``flow`` gets a longer ``interval`` when that was too often."""
        flow.pop("latest_attempt_at", None)  # msal would warn by a clock that is not ours
        application = self._built(None)
        answer: Mapping[str, Any] = self._asked(
            lambda: application.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
        )
        return answer

    def browser_flow(self, scopes: Sequence[str], back: str, state: str) -> dict[str, Any]:
        """A sign-in in the browser (PKCE): its ``auth_uri`` is to be opened, and leads ``back``."""
        application = self._built(_EMPTY)
        hint = self._account.email or None
        with warnings.catch_warnings():
            # msal wants the answer posted; browsers warn of that, and a posted answer cannot be pasted.
            warnings.simplefilter("ignore", UserWarning)
            return dict(
                self._asked(
                    lambda: application.initiate_auth_code_flow(
                        list(scopes), redirect_uri=back, state=state, login_hint=hint, response_mode="query"
                    )
                )
            )

    def redeemed(self, flow: dict[str, Any], code: str) -> Mapping[str, Any]:
        """The tokens for the code the browser brought, or the refusal."""
        application = self._built(None)
        came = {"code": code, "state": flow["state"]}
        try:
            answer: Mapping[str, Any] = self._asked(lambda: application.acquire_token_by_auth_code_flow(flow, came))
        except RuntimeError:  # the tokens are for another request than ours (nonce); the words hold both
            return {"error": "invalid_grant", "error_description": "the answer belongs to another sign-in"}
        return answer

    def account_ids(self) -> list[str]:
        """The accounts in the present cache."""
        return [str(one["home_account_id"]) for one in self._built(None).get_accounts()]

    def kept(self) -> str:
        """The present cache, to be stored."""
        text: str = self._cache.serialize()
        return text

    def _built(self, cache: str | None) -> Any:
        """msal on ``cache``, or on what is there already."""
        if self._application is None:
            import msal

            self._cache = msal.SerializableTokenCache()
            self._application = self._asked(
                lambda: msal.PublicClientApplication(
                    self._account.client_id,
                    authority=f"{self._account.authority}/{self._account.tenant}",
                    token_cache=self._cache,
                    http_client=self._carrier,
                    http_cache=_Forgetful(),
                    instance_discovery=False,
                )
            )
        if cache is not None:
            self._cache.deserialize(cache)
        return self._application

    def _asked(self, call: Callable[[], Any]) -> Any:
        from msal.exceptions import MsalError

        try:
            return call()
        except (MsalError, ValueError) as error:  # what ``Carrier`` let through and msal could not take
            raise Retry(f"Microsoft's sign-in gave an answer that is no use ({type(error).__name__})") from error


class _Forgetful(dict[str, Any]):
    """msal's ``http_cache`` that keeps nothing: a refusal would count for a minute after it has been mended."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Keeps nothing."""
