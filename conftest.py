"""Code in docstrings and in the documentation runs with the tests (Sybil); YAML blocks are files for that code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection


def _save(example: Example) -> None:
    """Keep a block that begins with ``# NAME.yaml`` under that name in the page's folder."""
    name = example.parsed.partition("\n")[0].removeprefix("# ").strip()
    if name.endswith(".yaml"):
        Path(name).write_text(example.parsed, encoding="utf-8")


_markdown = [PythonCodeBlockParser(), CodeBlockParser(language="yaml", evaluator=_save)]

pytest_collect_file = SybilCollection(
    (
        Sybil(parsers=[DocTestParser()], pattern="*.py", path="src"),
        Sybil(parsers=_markdown, filenames=["README.md"], excludes=["*/*"], fixtures=["page_folder"]),
        Sybil(parsers=_markdown, pattern="*.md", path="docs", fixtures=["page_folder"]),
    )
).pytest()


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty working directory for each page: its code may write files, and its next block read them."""
    before = os.getcwd()  # noqa: PTH109 - the partner of os.chdir
    os.chdir(tmp_path_factory.mktemp("page"))
    yield
    os.chdir(before)
