"""Opening the person's browser: one with windows, for one in this terminal would be in the way of everything else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_IN_TERMINAL = ("www-browser", "links", "elinks", "lynx", "w3m")


def browse(address: str) -> bool:
    """Whether a browser took the address."""
    if sys.platform.startswith("linux") and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))):
        return False
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return Path(getattr(browser, "name", "")).name not in _IN_TERMINAL and browser.open(address)
