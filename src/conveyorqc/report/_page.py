"""`page`: sections in, one HTML file out that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from functools import singledispatch
from xml.etree.ElementTree import Element, tostring

from conveyorqc.core import ImageU8
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import encode_jpeg, resize
from conveyorqc.report._markup import element
from conveyorqc.report._sections import Badge, Cell, Chart, Picture, Pictures, Section, Table, Text, Tile, Tiles
from conveyorqc.report._style import STYLE

__all__ = ["page"]

_SHARPNESS = 2  # picture pixels per page pixel
_HALF = 480  # charts up to this width share a row
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # no script, nothing from outside


def page(
    title: str, sections: Sequence[Section], /, *, summary: str = "", facts: Sequence[tuple[str, str]] = ()
) -> str:
    """A self-contained HTML page: style, charts and pictures are inside, no script, readable in the dark and in print.

    Args:
        title: of the page and of its browser tab.
        sections: in reading order.
        summary: one or two sentences under the title.
        facts: names and values for the foot of the page: source, version, seed, time.

    Returns:
        The text of the file, to be written as UTF-8. Any text may hold anything; it is escaped.

    Raises:
        InvalidInput: if a section is of none of the kinds of this room.

    >>> html = page("Line 1", [Text("Result", "2 < 3")])
    >>> html[:15], "2 &lt; 3" in html
    ('<!DOCTYPE html>', True)
    """
    head = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("title", text=title),
        element("style", text=STYLE),
    )
    top = element("header", {}, element("h1", text=title), _optional("p", "summary", summary))
    main = element("main", {}, *(_section(section) for section in sections))
    body = element("body", {}, top, main, _foot(facts))
    html = element("html", {"lang": "en"}, head, body)
    return "<!DOCTYPE html>\n" + tostring(html, encoding="unicode", method="html") + "\n"


def _optional(tag: str, kind: str, text: str) -> Element | None:
    return element(tag, {"class": kind}, text=text) if text else None


def _foot(facts: Sequence[tuple[str, str]]) -> Element | None:
    rows = [element("div", {}, element("dt", text=name), element("dd", text=value)) for name, value in facts]
    return element("footer", {}, element("dl", {}, *rows)) if rows else None


def _card(kind: str, title: str, *children: Element | None) -> Element:
    return element("section", {"class": kind}, _optional("h2", "title", title), *children)


@singledispatch
def _section(section: Section) -> Element:
    """The element of a section; the kinds register below."""
    raise InvalidInput(f"page: expected a section, got {type(section).__name__}")


@_section.register
def _(section: Tiles) -> Element:
    return _card("bare", section.title, element("div", {"class": "tiles"}, *map(_tile, section.tiles)))


def _tile(tile: Tile) -> Element:
    label, value = element("p", {"class": "label"}, text=tile.label), element("p", {"class": "value"}, text=tile.value)
    return element("div", {"class": f"tile {tile.tone}"}, label, value, _optional("p", "detail", tile.detail))


@_section.register
def _(section: Text) -> Element:
    paragraphs = [part.strip() for part in section.text.split("\n\n")]
    return _card("card", section.title, *(element("p", text=part) for part in paragraphs if part))


@_section.register
def _(section: Table) -> Element:
    columns = [[row[number] for row in section.rows] for number in range(len(section.columns))]
    kinds = ["number" if _numeric(column) else "words" for column in columns]
    names = [element("th", {"scope": "col", "class": k}, text=n) for n, k in zip(section.columns, kinds, strict=True)]
    cells = [_column(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    rows = [element("tr", {}, *row) for row in zip(*cells, strict=True)]
    table = element("table", {}, element("thead", {}, element("tr", {}, *names)), element("tbody", {}, *rows))
    empty = None if rows else element("p", {"class": "note"}, text="no rows")
    note = _optional("p", "note", section.note)
    return _card("card", section.title, element("div", {"class": "scroll"}, table), empty, note)


def _numeric(cells: Sequence[Cell]) -> bool:
    return all(cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)) for cell in cells)


def _column(cells: Sequence[Cell], kind: str) -> list[Element]:
    """The cells of one column, its numbers with equally many decimals."""
    form = _number_format([cell for cell in cells if isinstance(cell, float) and math.isfinite(cell)])
    return [
        element("td", {"class": kind}, element("span", {"class": f"badge {cell.tone}"}, text=cell.text))
        if isinstance(cell, Badge)
        else element("td", {"class": kind}, text=_written(cell, form))
        for cell in cells
    ]


def _number_format(values: Sequence[float]) -> str:
    """Four figures of the largest number: enough to compare, few enough to read."""
    largest = max(map(abs, values), default=0.0)
    if 0 < largest < 0.1 or largest >= 1e12:
        return ".3g"
    whole = all(value == int(value) for value in values)
    return f",.{0 if whole else max(0, 4 - len(str(int(largest))))}f"


def _written(cell: str | float | None, form: str) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case float():
            return "–" if math.isnan(cell) else f"{cell:{form}}"
    return cell


@_section.register
def _(section: Chart) -> Element:
    wide = int(section.svg.get("width", "0")) > _HALF
    caption = _optional("figcaption", "note", section.caption)
    drawing = element("figure", {}, element("div", {"class": "scroll"}, section.svg), caption)
    return _card("card" if wide else "card half", section.title, drawing)


@_section.register
def _(section: Pictures) -> Element:
    grid = {"class": "pictures", "style": f"--picture: {section.width}px"}
    pictures = [_picture(picture, section.width * _SHARPNESS) for picture in section.pictures]
    empty = None if pictures else element("p", {"class": "note"}, text="no pictures")
    note = _optional("p", "note", section.note)
    return _card("card", section.title, note, element("div", grid, *pictures), empty)


def _picture(picture: Picture, widest: int) -> Element:
    image = _at_most(picture.image, widest)
    source = "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(image, quality=85)).decode("ascii")
    size = {"width": image.shape[1], "height": image.shape[0], "loading": "lazy"}
    shown = element("img", {"src": source, "alt": picture.caption, **size})
    return element("figure", {"class": picture.tone}, shown, _optional("figcaption", "caption", picture.caption))


def _at_most(image: ImageU8, widest: int) -> ImageU8:
    height, width = image.shape[:2]
    if width <= widest:
        return image
    return resize(image, width=widest, height=max(1, round(height * widest / width)), method="area")
