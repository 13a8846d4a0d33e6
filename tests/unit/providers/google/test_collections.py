"""googleapiclient's collections, made once each."""

from __future__ import annotations

from typing import Any

import pytest

from calwatch.providers.google.api.collections import Collections


@pytest.fixture(scope="module")
def gmail() -> Any:
    from googleapiclient.discovery import build
    from googleapiclient.http import HttpMock

    return Collections(build("gmail", "v1", http=HttpMock(), static_discovery=True, cache_discovery=False))


def test_a_collection_is_the_same_at_every_call(gmail: Any) -> None:
    assert gmail.users().drafts() is gmail.users().drafts()


def test_a_method_makes_a_request_of_its_own_each_time(gmail: Any) -> None:
    first, second = (gmail.users().drafts().get(userId="me", id=name) for name in ("r1", "r2"))
    assert (first.methodId, "r1" in first.uri, "r2" in second.uri) == ("gmail.users.drafts.get", True, True)


def test_what_the_api_does_not_have_is_no_collection(gmail: Any) -> None:
    with pytest.raises(AttributeError):
        gmail.users().dreams()
