"""The pictures of the documentation are small, in use, and can be made again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
FROM_THE_DEMO = "annotated-frame.jpg"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert sizes.pop(FROM_THE_DEMO) < 300_000
    assert max(sizes.values()) < 200_000


def test_every_picture_is_shown():
    shown = {
        Path(link).name for page in PAGES for link in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    assert {path.name for path in IMAGES.iterdir()} == shown


@pytest.mark.slow
def test_pictures_can_be_made_again(tmp_path):
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    subprocess.run(
        [sys.executable, ROOT / "docs" / "make_pictures.py", tmp_path], env=environment, check=True, timeout=300
    )
    made = {path.name for path in tmp_path.iterdir()}
    assert {path.name for path in IMAGES.iterdir()} == {*made, FROM_THE_DEMO}
