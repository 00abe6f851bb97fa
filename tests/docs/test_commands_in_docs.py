"""Every ``conveyorqc …`` command that the documentation names exists, with those options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(?:bash|console|sh|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`(conveyorqc [^`\n]+)`")
PLACEHOLDER = re.compile(r"[\[\]()…]|\.\.\.")


def commands_in(markdown):
    """The argument lists of all conveyorqc commands in shell blocks and in inline code."""
    blocks = "\n".join(FENCED.findall(markdown)).replace("\\\n", " ")
    lines = [line.removeprefix("$ ") for line in blocks.splitlines() if not line.startswith("#")]
    found = []
    for part in [*re.split(r"\n|&&|;|\|", "\n".join(lines)), *SPAN.findall(markdown)]:
        words = shlex.split(PLACEHOLDER.sub(" ", part), comments=True)
        if words and Path(words[0]).name == "conveyorqc":
            found.append(words[1:])
    return found


def complaint(words, group):
    """What is wrong with a command line, or None."""
    names = [word for word in words if not word.startswith("-")]
    command = group
    while names and hasattr(command, "commands"):
        name = names.pop(0)
        if name not in command.commands:
            return f"no such command: {name}"
        command = command.commands[name]
    known = {"--help"} | {
        option for one in (group, command) for p in one.params for option in [*p.opts, *p.secondary_opts]
    }
    unknown = [word for word in words if word.startswith("-") and word.partition("=")[0] not in known]
    return f"no such option: {' '.join(unknown)}" if unknown else None


@pytest.fixture(scope="module")
def group():
    from typer.main import get_command

    from conveyorqc.cli import app

    return get_command(app)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_on_the_page_exist(page, group):
    found = commands_in(page.read_text(encoding="utf-8"))
    assert [] == [(words, said) for words in found if (said := complaint(words, group))]


def test_the_readme_names_commands():
    assert ["demo"] in commands_in((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("```bash\n.venv/bin/conveyorqc demo --out a && echo done\n```\n", [["demo", "--out", "a"]]),
        ("```console\n$ conveyorqc track a.mp4 \\\n    --json=b\n```\n", [["track", "a.mp4", "--json=b"]]),
        ("use `conveyorqc crops VIDEO [--out DIR …]`", [["crops", "VIDEO", "--out", "DIR"]]),
        ("```python\nconveyorqc demo\n```\n", []),
        ("```bash\npip install conveyorqc\n# conveyorqc fly\n```\n", []),
    ],
)
def test_commands_are_found_where_a_reader_sees_them(markdown, expected):
    assert expected == commands_in(markdown)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["fly"], "no such command: fly"),
        (["dataset", "fly"], "no such command: fly"),
        (["dataset", "check", "--json"], None),
        (["demo", "--faster"], "no such option: --faster"),
        (["--version"], None),
    ],
)
def test_a_wrong_command_is_seen(words, expected, group):
    assert expected == complaint(words, group)
