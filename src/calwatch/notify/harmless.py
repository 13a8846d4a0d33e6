"""Foreign words in a message: one line that no messenger makes a link, a mention or a format of."""

from __future__ import annotations

import re

from calwatch.model.plain import one_line

_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,19}://\S*|\b(?:mailto|tel):\S+|\bwww\.\S+|\b[\w-]+(?:\.[\w-]+)+/\S*",
    re.IGNORECASE,
)
_MENTION = re.compile(r"@(?=\w)")
_FORMATS = str.maketrans("<>[]{}`*|~", "‹›()()'·¦-")


def foreign(text: str, limit: int) -> str:
    """``text`` of somebody else on one line of at most ``limit`` characters; an address to click becomes ``(…)``.

    Markdown, HTML and mentions (``@everyone``, ``<!channel>``) lose what makes them so; the words stay readable.
    """
    plain = _LINK.sub("(…)", one_line(text, 4 * limit))
    return one_line(_MENTION.sub("@ ", plain.translate(_FORMATS)).replace("__", "_"), limit)
