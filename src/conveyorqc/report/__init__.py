"""Pages for people: figures, charts, tables and pictures as one HTML file that needs nothing else.

Charts are functions from data to an SVG element; sections are records; `page` puts them together.
"""

from conveyorqc.report._bars import Bar, Interval, bar_chart, interval_chart
from conveyorqc.report._charts import Group, Mark, Series, histogram, xy_chart
from conveyorqc.report._page import page
from conveyorqc.report._sections import Badge, Chart, Picture, Pictures, Section, Table, Text, Tile, Tiles, Tone

__all__ = [
    "Badge",
    "Bar",
    "Chart",
    "Group",
    "Interval",
    "Mark",
    "Picture",
    "Pictures",
    "Section",
    "Series",
    "Table",
    "Text",
    "Tile",
    "Tiles",
    "Tone",
    "bar_chart",
    "histogram",
    "interval_chart",
    "page",
    "xy_chart",
]
