"""The picture of the days around one interview, as inline SVG: what is taken, what clashes, what is offered.

Pure: spans and words in, markup out. ``values`` is what goes in; ``days`` chooses the columns and cuts time at
midnight; ``clocks`` has the rows and the other side's clock; ``lanes`` and ``plan`` say where everything lies,
``lettering`` what fits; ``frame`` and ``drawing`` write the ``markup``. All is styled by classes (``static/week.css``),
because the page's policy allows no inline styles.
"""

from calwatch.web.week.days import days
from calwatch.web.week.drawing import draw
from calwatch.web.week.values import Block, Kind, Labels, Week

__all__ = ["Block", "Kind", "Labels", "Week", "days", "draw"]
