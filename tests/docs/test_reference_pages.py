"""The reference has a page for every room, and the menu has every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import conveyorqc

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "conveyorqc"
DOCS = ROOT / "docs"
NOT_A_LIBRARY = {"cli", "demo"}  # described by their commands
ROOMS = {p.stem for p in SOURCE.iterdir() if (p / "__init__.py").is_file() or p.suffix == ".py"} - {"__init__"}


def test_every_room_has_a_page_that_documents_it():
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md")}
    del pages["index"]
    assert ROOMS - NOT_A_LIBRARY == set(pages)
    assert set() == {room for room, text in pages.items() if f"::: conveyorqc.{room}\n" not in text}


def test_the_menu_holds_every_page():
    menu = re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(menu) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_the_table_of_rooms_names_the_public_door():
    rows = (DOCS / "reference" / "index.md").read_text(encoding="utf-8").splitlines()
    named = {
        name: row.split("]")[0].partition("[")[2] for row in rows for name in re.findall(r"`(\w+)`", row) if "](" in row
    }
    assert conveyorqc._ROOM_OF == named


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", *DOCS.rglob("*.md")]), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [] == [link for link in links if not (page.parent / link).exists()]
