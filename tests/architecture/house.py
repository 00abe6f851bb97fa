"""The rules of the house, read from the syntax tree: each check takes a source tree and says what breaks it.

A tree is the package folder (``src/conveyorqc``); a violation is one line, ``path:line: what is wrong``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = "conveyorqc"

# From the ground up: a room imports from earlier rows only, so rooms of one row never import each other.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(row.split())
    for row in (
        "errors",
        "core",
        "geometry",
        "imgproc",
        "video detect track crop augment anomaly policy dataset metrics annotate report sinks interop remote drift",
        "line",
        "simulate record",
        "gate fleet onnx aws lookout evaluation learning",
        "config",
        "calibrate tune",
        "testing",
        "demo",
        "cli",
    )
)
FLOOR_OF = {room: number for number, row in enumerate(FLOORS) for room in row}

# The line composes stages through their Protocols; only the functions that make its defaults import a stage.
KNOWS_ONLY = {"line": frozenset({"errors", "core", "geometry", "imgproc"})}

EVERYWHERE = frozenset({"numpy", "scipy"})
ROOMS_OF_PACKAGE = {
    "cv2": {"imgproc"},
    "skimage": {"imgproc"},
    "av": {"video"},
    "sklearn": {"anomaly"},
    "pydantic": {"config"},
    "yaml": {"config"},
    "typer": {"cli"},
    "rich": {"cli"},
    "boto3": {"aws", "lookout"},
    "botocore": {"aws", "lookout"},
    "supervision": {"interop"},
    "optuna": {"tune"},
    "onnxruntime": {"onnx"},
    "starlette": {"lookout"},
    "uvicorn": {"lookout"},
}
LOADED_LATE = frozenset({"scipy", "sklearn", "skimage"})  # each takes longer to import than all of conveyorqc
ONE_MODULE_ONLY = frozenset({"cv2", "skimage"})

LONGEST_MODULE = 400
LONGEST_BODY = 60
LONGEST_BODY_P90 = 22
NO_IDEA = frozenset({"utils", "util", "helpers", "helper", "common", "misc"})


@dataclass(frozen=True, slots=True)
class Module:
    """One source file of the tree."""

    tree: Path
    path: Path

    @property
    def dotted(self) -> tuple[str, ...]:
        """``("conveyorqc", "core", "_frame")``; a package's ``__init__`` is the package."""
        parts = (PACKAGE, *self.path.relative_to(self.tree).with_suffix("").parts)
        return parts[:-1] if parts[-1] == "__init__" else parts

    @property
    def room(self) -> str | None:
        """The room it stands in; None for the public door itself."""
        return self.dotted[1] if len(self.dotted) > 1 else None

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def syntax(self) -> ast.Module:
        return _parsed(self.text)

    def at(self, line: int, what: str) -> str:
        return f"{self.path.relative_to(self.tree).as_posix()}:{line}: {what}"


@dataclass(frozen=True, slots=True)
class Import:
    """``import name`` or, for each name, ``from name import member``."""

    module: Module
    line: int
    name: tuple[str, ...]
    member: str | None
    late: bool  # inside a function, or for the type checker only

    def refused(self, why: str) -> str:
        return self.module.at(self.line, f"imports {'.'.join(self.name)}: {why}")


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def modules(tree: Path) -> list[Module]:
    return [Module(tree, path) for path in sorted(tree.rglob("*.py"))]


def imports(module: Module) -> Iterator[Import]:
    """Every import of the module, at whatever depth."""
    yield from _imports_below(module.syntax, module, late=False)


def _imports_below(node: ast.AST, module: Module, *, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, child.lineno, tuple(alias.name.split(".")), None, late)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                yield Import(module, child.lineno, _absolute(child, module), alias.name, late)
        else:
            yield from _imports_below(child, module, late=late or _runs_late(child))


def _absolute(node: ast.ImportFrom, module: Module) -> tuple[str, ...]:
    name = tuple(node.module.split(".")) if node.module else ()
    if not node.level:
        return name
    package = module.dotted if module.path.name == "__init__.py" else module.dotted[:-1]
    return package[: len(package) - node.level + 1] + name


def _runs_late(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _inner(found: Import) -> tuple[str, ...] | None:
    """The path below ``conveyorqc`` that is imported, or None for another package; () is the public door."""
    if found.name[0] != PACKAGE:
        return None
    below = found.name[1:]
    return (found.member,) if not below and found.member in FLOOR_OF else below


def rooms_below(tree: Path) -> list[str]:
    """Imports between rooms go down only, and rooms of one floor never import each other."""
    found = [item for module in modules(tree) if module.room for item in imports(module)]
    return [item.refused(why) for item in found if (why := _wrong_room(item))]


def _wrong_room(found: Import) -> str | None:
    below, room = _inner(found), str(found.module.room)
    if room not in FLOOR_OF:
        return f"{room} has no floor in tests/architecture/house.py"
    if below is None or below[:1] == (room,):
        return None
    if not below:
        return None if found.member == "__version__" else "a room never goes through the public door"
    if FLOOR_OF.get(below[0], len(FLOORS)) >= FLOOR_OF[room]:
        return f"{below[0]} is not below {room}"
    return None if found.late or below[0] in KNOWS_ONLY.get(room, FLOOR_OF) else f"{room} knows Protocols only"


def rooms_by_the_door(tree: Path) -> list[str]:
    """What a room keeps under an underscore is imported by that room alone."""
    found = [item for module in modules(tree) if module.room for item in imports(module)]
    return [
        item.refused(f"{item.member or item.name[-1]} is private to {below[0]}")
        for item in found
        if (below := _inner(item)) and below[0] != item.module.room
        if any(name.startswith("_") for name in (*below[1:], item.member or ""))
    ]


def packages_in_their_rooms(tree: Path) -> list[str]:
    """Each third-party package is imported in the room that is made for it, slow ones when first needed."""
    found = [item for module in modules(tree) for item in imports(module) if _inner(item) is None]
    return [item.refused(why) for item in found if (why := _wrong_package(item))] + _second_modules(found)


def _wrong_package(found: Import) -> str | None:
    package, room = found.name[0], found.module.room
    if package in sys.stdlib_module_names:
        return None
    if package not in EVERYWHERE | ROOMS_OF_PACKAGE.keys():
        return "no room is made for this package"
    if room is None:
        return "the public door loads nothing"
    if package not in EVERYWHERE and room not in ROOMS_OF_PACKAGE[package]:
        return f"{package} belongs in {' and '.join(sorted(ROOMS_OF_PACKAGE[package]))}"
    if package in LOADED_LATE and not found.late:
        return "import it inside the function that needs it: it is slow to load"
    return None


def _second_modules(found: list[Import]) -> list[str]:
    first: dict[str, Path] = {}
    return [
        item.refused(f"only {first[item.name[0]].name} imports {item.name[0]}")
        for item in found
        if item.name[0] in ONE_MODULE_ONLY
        if first.setdefault(item.name[0], item.module.path) != item.module.path
    ]


def no_hidden_imports(tree: Path) -> list[str]:
    """Only the public door imports by name at run time; anywhere else the other checks could not see it."""
    return [
        module.at(node.lineno, f"calls {_called(node)}: only the public door imports by name")
        for module in modules(tree)
        if module.room
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}
    ]


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def short_modules(tree: Path) -> list[str]:
    """A module is at most 400 lines long."""
    return [
        module.at(1, f"{length} lines, at most {LONGEST_MODULE}")
        for module in modules(tree)
        if (length := len(module.text.splitlines())) > LONGEST_MODULE
    ]


def short_functions(tree: Path) -> list[str]:
    """A function's body is at most 60 lines long."""
    return [
        module.at(node.lineno, f"{node.name} is {body_length(node)} lines long, at most {LONGEST_BODY}")
        for module, node in functions(tree)
        if body_length(node) > LONGEST_BODY
    ]


def mostly_short_functions(tree: Path) -> list[str]:
    """Nine function bodies in ten are at most 22 lines long."""
    found = sorted(functions(tree), key=lambda item: body_length(item[1]))
    longest_tenth = found[-(len(found) // 10) :] if len(found) >= 10 else []
    p90 = body_length(longest_tenth[0][1]) if longest_tenth else 0
    if p90 <= LONGEST_BODY_P90:
        return []
    worst = [module.at(node.lineno, f"{node.name} {body_length(node)}") for module, node in longest_tenth]
    return [f"p90 of function bodies is {p90} lines, at most {LONGEST_BODY_P90}: " + "; ".join(worst)]


def functions(tree: Path) -> Iterator[tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for module in modules(tree):
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield module, node


def body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0


def named_for_an_idea(tree: Path) -> list[str]:
    """No room or module is called utils, helpers, common or misc."""
    return [
        module.at(1, f"{part} says nothing")
        for module in modules(tree)
        for part in module.dotted[1:]
        if part.strip("_") in NO_IDEA
    ]


def says_what_it_gives(tree: Path) -> list[str]:
    """Every module starts with a docstring, and every door has an ``__all__``."""
    found = []
    for module in modules(tree):
        if ast.get_docstring(module.syntax) is None:
            found.append(module.at(1, "has no docstring"))
        if module.path.name == "__init__.py" and not any(_assigns_all(node) for node in module.syntax.body):
            found.append(module.at(1, "has no __all__"))
    return found


def _assigns_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)


CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    rooms_below,
    rooms_by_the_door,
    packages_in_their_rooms,
    no_hidden_imports,
    short_modules,
    short_functions,
    mostly_short_functions,
    named_for_an_idea,
    says_what_it_gives,
)
