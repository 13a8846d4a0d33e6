"""The few shapes the picture is drawn with, as SVG; whatever anybody wrote becomes harmless here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from calwatch.model.plain import one_line


def number(value: float) -> str:
    """As short as can be, to a tenth of a unit."""
    return f"{value:.1f}".removesuffix(".0")


def words(text: str, limit: int = 200) -> str:
    """Anybody's words as text of the markup: on one line, without control and bidi characters, escaped."""
    return escape(one_line(text, limit))


def text(x: float, y: float, content: str, attributes: str = "") -> str:
    return f'<text x="{number(x)}" y="{number(y)}"{attributes}>{words(content)}</text>'


def rectangle(x: float, y: float, width: float, height: float, attributes: str = "") -> str:
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"{attributes}/>'


def circle(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def group(name: str, parts: Iterable[str], attributes: str = "") -> str:
    """What belongs together, under one class of the stylesheet; "" when there is nothing."""
    inside = "".join(parts)
    return f'<g class="week-{name}"{attributes}>{inside}</g>' if inside else ""


def path(name: str, steps: str) -> str:
    return f'<path class="week-{name}" d="{steps}"/>' if steps else ""


def window(x: float, y: float, width: float, height: float, parts: Iterable[str]) -> str:
    """Parts in coordinates of their own, of which nothing shows beyond the edge."""
    inside = "".join(parts)
    if not inside:
        return ""
    size = f'width="{number(width)}" height="{number(height)}"'
    return f'<svg x="{number(x)}" y="{number(y)}" {size}>{inside}</svg>'
