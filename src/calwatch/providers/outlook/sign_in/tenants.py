"""Whose directory an account may be in: a personal account's is nobody's, an organization's is watched over."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from calwatch.model.addresses import is_freemail
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.sign_in.token_store import PERSONAL_TENANT

_PERSONAL_NAMES = frozenset({"outlook", "hotmail", "live"})  # with many endings

SEEN_BY_ADMINISTRATOR = (
    "this may be an account of an organization. Its administrator may see that calwatch signs in to it and what it "
    "asks for, and may be asked to approve that"
)


def may_be_work(account: OutlookAccount) -> bool:
    """Whether signing in may be seen by an organization, as far as the configuration tells."""
    if account.tenant in ("consumers", PERSONAL_TENANT):
        return False
    return account.tenant != "common" or not _is_personal(account.email)


def consent_address(account: OutlookAccount) -> str:
    """Where an administrator allows the app for the whole organization."""
    tenant = account.tenant
    if tenant in ("common", "organizations"):
        domain = account.email.rpartition("@")[2].lower()
        tenant = "organizations" if not domain or _is_personal(account.email) else quote(domain, safe="")
    return f"{account.authority}/{tenant}/adminconsent?{urlencode({'client_id': account.client_id})}"


def _is_personal(address: str) -> bool:
    domain = address.rpartition("@")[2].lower()
    return domain.partition(".")[0] in _PERSONAL_NAMES or is_freemail(address)
