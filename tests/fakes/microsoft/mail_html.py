"""Bodies as the fake Outlook keeps and shows them: HTML made safe, text made of it, and what its composer writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

HEAD = '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
FOOT = "</body></html>\r\n"
RULE = "_" * 32
_DANGEROUS = frozenset({"script", "style", "iframe", "object", "embed", "form", "head", "title"})
_FRAME = frozenset({"html", "body", "meta", "link", "base", "input"})
_VOID = frozenset({"br", "hr", "img", "wbr", "col"})
_BLOCKS = frozenset(["div", "p", "hr", "blockquote", "table", "tr", "ul", "ol", "li", "pre", "h1", "h2", "h3", "h4"])
_KEPT_ATTRIBUTES = frozenset(
    ["id", "class", "style", "dir", "href", "src", "alt", "face", "color", "size", "tabindex", "width", "align", "lang"]
)
_QUOTE = re.compile(
    r'<div\b[^<>]*\bid="(?:appendonsend|divRplyFwdMsg)"|<hr\b[^<>]*>(?=\s*<div\b[^<>]*\bid="divRplyFwdMsg")'
)
_OWN_LINE = (
    'class="elementToProof" style="font-family: Aptos, Arial, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"'
)


def safe(html: str) -> str:
    """A whole document with whatever might do something taken out, as the server keeps it."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return HEAD + "".join(cleaner.kept) + FOOT


def inner(document: str) -> str:
    """What stands between ``<body>`` and ``</body>``."""
    return document.removeprefix(HEAD).removesuffix(FOOT)


def of_text(text: str) -> str:
    """Plain text as the server turns it into HTML."""
    lines = "<br>\r\n".join(escape(line, quote=False) for line in text.splitlines())
    return f'<div class="BodyFragment"><font size="2"><div class="PlainText">{lines}</div></font></div>'


def as_text(document: str) -> str:
    """HTML as ``Prefer: outlook.body-content-type="text"`` shows it; lines end with CR LF."""
    reader = _Reader()
    reader.feed(inner(document))
    reader.close()
    return "\r\n".join(reader.finished())


def own_text(document: str) -> str:
    """What the person wrote above the quote, without the blanks at its edges."""
    own, _ = halves(document)
    lines = as_text(own).replace("\u00a0", " ").split("\r\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip("\n")


def halves(document: str) -> tuple[str, str]:
    """What stands above the quote, and the quote with its rule; the quote is empty without one."""
    body = inner(document)
    mark = _QUOTE.search(body)
    return (body[: mark.start()], body[mark.start() :]) if mark else (body, "")


def composed(text: str, quote: str = "") -> str:
    """What Outlook on the web makes of a text that is typed into it."""
    lines = "".join(f"<div {_OWN_LINE}>\r\n{_typed(line)}</div>\r\n" for line in text.split("\n"))
    mark = "" if "appendonsend" in quote else '<div id="appendonsend"></div>\r\n'
    return safe(lines + (mark + quote if quote else ""))


def quoted(lines: Iterable[tuple[str, str]], document: str) -> str:
    """A mail as its answer quotes it below a rule; ``lines`` are the names and values above it."""
    head = "<br>\r\n".join(f"<b>{name}:</b> {escape(value, quote=False)}" for name, value in lines)
    body = re.sub(r'\b(id|class)="(?!x_)', r'\1="x_', inner(document))
    return (
        '<hr tabindex="-1" style="display:inline-block; width:98%">\r\n'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000" style="font-size:11pt">'
        f"{head}</font>\r\n<div>&nbsp;</div>\r\n</div>\r\n<div>{body}</div>\r\n"
    )


def preview(document: str) -> str:
    return " ".join(as_text(document).split())[:255]


def _typed(line: str) -> str:
    return escape(line, quote=False).replace("  ", "&nbsp; ") or "<br>"


@dataclass(eq=False)
class _Cleaner(HTMLParser):
    """Writes HTML again without scripts, handlers, comments and attributes nobody knows."""

    kept: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    _dropping: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping or tag in _FRAME:
            return
        if tag in _DANGEROUS:
            self._dropping = tag
            return
        given = [(name, value or "") for name, value in attrs if name in _KEPT_ATTRIBUTES]
        given = [(name, value) for name, value in given if not value.strip().lower().startswith("javascript:")]
        written = "".join(f' {name}="{escape(value)}"' for name, value in given)
        self.kept.append(f"<{tag}{written}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            self._dropping = "" if tag == self._dropping else self._dropping
            return
        if tag in self.open:
            while self.open:
                last = self.open.pop()
                self.kept.append(f"</{last}>")
                if last == tag:
                    return

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.kept.append(escape(data, quote=False).replace("\u00a0", "&nbsp;"))

    def close(self) -> None:
        super().close()
        while self.open:
            self.kept.append(f"</{self.open.pop()}>")


@dataclass(eq=False)
class _Reader(HTMLParser):
    """Lines of text from HTML: blocks and breaks end lines, paragraphs stand apart, links show where they lead."""

    lines: list[str] = field(default_factory=list)
    _line: str = ""
    _links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end()
        elif tag in _BLOCKS:
            self._end_if_begun()
        if tag == "p" and self.lines and self.lines[-1]:
            self.lines.append("")
        if tag == "hr":
            self.lines.append(RULE)
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            link = self._links.pop()
            self._line += f"<{link}>" if link else ""
        if tag in _BLOCKS:
            self._end_if_begun()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"[ \t\r\n]+", " ", data)
        self._line += text.lstrip(" ") if not self._line or self._line.endswith(" ") else text

    def finished(self) -> list[str]:
        self._end_if_begun()
        return self.lines

    def _end(self) -> None:
        self.lines.append(self._line.rstrip(" "))
        self._line = ""

    def _end_if_begun(self) -> None:
        if self._line.strip(" "):
            self._end()
        self._line = ""
