"""What a page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element

from conveyorqc.core import ImageU8, as_image
from conveyorqc.errors import InvalidInput

__all__ = ["Badge", "Cell", "Chart", "Picture", "Pictures", "Section", "Table", "Text", "Tile", "Tiles", "Tone"]

Tone: TypeAlias = Literal["good", "bad", "warn", "plain"]
"""What a colour says; the words say it too, so that nothing hangs on colour alone."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A short word in a coloured pill, such as a disposition in a table."""

    text: str
    tone: Tone = "plain"


Cell: TypeAlias = str | int | float | Badge | None
"""Numbers stand right-aligned; None and NaN are shown as a dash."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure in large type: what it is, its value, and what stands behind it."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Tiles:
    """A row of figures, for the top of a page."""

    tiles: Sequence[Tile]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Prose; an empty line starts a new paragraph."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns.

    Raises:
        InvalidInput: if a row does not have one cell per column.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise InvalidInput(f"{self.title}: expected {len(self.columns)} cells in row {number}, got {len(row)}")


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A drawing of this room's chart functions; two neighbours of 470 px stand side by side."""

    title: str
    svg: Element
    caption: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """``image`` (H, W, 3) uint8 BGR with its caption, which is also what a screen reader says."""

    image: ImageU8
    caption: str = ""
    tone: Tone = "plain"

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", as_image(self.image))


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Pictures beside one another.

    Attributes:
        title: the heading.
        pictures: shown in this order.
        note: a line of text above them.
        width: px each takes on the page; larger ones are scaled down to it times two (for sharp screens), which
            is what makes the page small. 150 suits crops, 960 a whole frame.
    """

    title: str
    pictures: Sequence[Picture]
    note: str = ""
    width: int = 150

    def __post_init__(self) -> None:
        if self.width < 16:
            raise InvalidInput(f"width: expected 16 px or more, got {self.width}")


Section: TypeAlias = Tiles | Text | Table | Chart | Pictures
