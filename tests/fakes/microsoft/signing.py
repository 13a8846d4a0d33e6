"""A sign-in at the fake Microsoft without a person: the file ``calwatch auth`` would have written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fakes.microsoft.identity import CLIENT_ID, DEVICE_GRANT, IdentityState
from fakes.microsoft.sessions import OWN


def store_sign_in(
    identity: IdentityState, authority: str, state_folder: Path, account_name: str, scopes: tuple[str, ...]
) -> Path:
    """Gives the file's path."""
    import msal

    from calwatch.providers.outlook.sign_in import token_store
    from calwatch.providers.remote import sign_in_file

    grant = identity.grants.pop(identity.allow(frozenset(scopes)))
    asked = " ".join((*scopes, *sorted(OWN)))
    response = identity.tokens(grant, {"client_info": "1"}, asked)
    granted = tuple(response["scope"].split())
    cache = msal.SerializableTokenCache()
    cache.add(
        {
            "client_id": CLIENT_ID,
            "grant_type": DEVICE_GRANT,
            "scope": granted,
            "token_endpoint": f"{authority}/common/oauth2/v2.0/token",
            "response": dict(response),
        }
    )
    path = sign_in_file.path_of(state_folder, account_name)
    now = identity.clock.now()
    token_store.write(
        path,
        token_store.SignIn(
            client_id=CLIENT_ID,
            authority=authority,
            tenant="common",
            home_account_id=identity.home_account_id,
            scopes=scopes,
            granted_scopes=granted,
            cache=cache.serialize(),
            token=response["access_token"],
            expiry=now + timedelta(seconds=identity.access_life),
            signed_in=now,
            email=identity.username,
            home_tenant=identity.tenant,
        ),
    )
    return path
