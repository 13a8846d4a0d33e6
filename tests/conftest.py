"""What holds for all tests: the long ones come first, so that no worker waits for another at the end."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "/crash/" not in item.nodeid)
