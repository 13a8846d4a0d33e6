"""A sign-in at the fake Microsoft without a person: the file ``calwatch auth`` would have written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fakes.microsoft.grants import encoded
from fakes.microsoft.identity import CLIENT_ID, IdentityState


def store_sign_in(
    identity: IdentityState, authority: str, state_folder: Path, account_name: str, scopes: tuple[str, ...]
) -> Path:
    """Gives the file's path."""
    import msal

    from calwatch.providers.outlook.sign_in import token_store
    from calwatch.providers.remote import sign_in_file

    refresh_token = identity.allow(frozenset(scopes))
    access_token = identity.issue_access(identity.grants[refresh_token])
    cache = msal.SerializableTokenCache()
    cache.add(
        {
            "client_id": CLIENT_ID,
            "scope": list(scopes),
            "token_endpoint": f"{authority}/common/oauth2/v2.0/token",
            "response": {
                "token_type": "Bearer",
                "expires_in": identity.access_life,
                "access_token": access_token,
                "refresh_token": refresh_token,
                "id_token": identity.id_token(CLIENT_ID),
                "client_info": encoded({"uid": identity.uid, "utid": identity.tenant}),
            },
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
            granted_scopes=scopes,
            cache=cache.serialize(),
            token=access_token,
            expiry=now + timedelta(seconds=identity.access_life),
            signed_in=now,
            email=identity.address or identity.owner,
            home_tenant=identity.tenant,
        ),
    )
    return path
