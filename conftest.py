"""Code in docstrings and in the documentation runs with the tests (Sybil)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection

_markdown = PythonCodeBlockParser()

pytest_collect_file = SybilCollection(
    (
        Sybil(parsers=[DocTestParser()], pattern="*.py", path="src"),
        Sybil(parsers=[_markdown], filenames=["README.md"], excludes=["*/*"], fixtures=["page_folder"]),
        Sybil(parsers=[_markdown], pattern="*.md", path="docs", fixtures=["page_folder"]),
    )
).pytest()


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty working directory for each page: its code may write files, and its next block read them."""
    before = os.getcwd()  # noqa: PTH109 - the partner of os.chdir
    os.chdir(tmp_path_factory.mktemp("page"))
    yield
    os.chdir(before)
