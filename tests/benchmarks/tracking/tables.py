"""The figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["markdown"]

YARDSTICK, FLOOR, OURS = "decode cv2", "decode planes", "conveyorqc"
STAGES = ("decode", "motion", "detect", "track", "count")


def markdown(report: dict[str, Any], /) -> str:
    """Machine, speed, stages, accuracy and updates, in that order; parts without figures are left out."""
    clips = report["clips"]
    parts = (
        ("Speed", "CPU ms per frame of all threads (frames per second).", _speed(clips)),
        ("Ratios", "", _ratios(clips)),
        ("Stages of this project", "CPU ms per frame of the main thread.", _stages(clips)),
        ("Accuracy", "", _accuracy(clips)),
        ("`update` alone", "CPU ms per frame on the same perfect detections.", _updates(report["updates"])),
    )
    pages = [_machine(report)]
    for title, about, figures in parts:
        if figures:
            pages.append("\n\n".join(part for part in (f"### {title}", about, figures) if part))
    return "\n".join(pages)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], /) -> str:
    """A Markdown table, or nothing without rows; the first column is text, the others are numbers."""
    rows = list(rows)
    if not rows:
        return ""
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _machine(report: dict[str, Any]) -> str:
    machine, settings = report["machine"], report["settings"]
    lines = [f"{machine['processor']}, {machine['cores']} cores, {machine['system']}."]
    for place, versions in report["versions"].items():
        lines.append(
            f"Versions, {place}: " + ", ".join(f"{name} {version}" for name, version in versions.items()) + "."
        )
    lines.append(f"Seed {settings['seed']}, best of {settings['repeats']}" + (", quick." if settings["quick"] else "."))
    return "\n".join(lines) + "\n"


def _methods(clips: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(method for results in clips.values() for method in results))


def _speed(clips: dict[str, Any]) -> str:
    methods = _methods(clips)
    rows = [[name, *(_time(results.get(method)) for method in methods)] for name, results in clips.items()]
    return table(["clip", *methods], rows)


def _time(result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    return "failed" if "error" in result else f"{result['cpu_ms']:.1f} ({1e3 / result['wall_ms']:.0f})"


def _ratios(clips: dict[str, Any]) -> str:
    """How many times less CPU time this project takes than each other method."""
    others = [method for method in _methods(clips) if method not in (FLOOR, OURS)]
    rows = []
    for name, results in clips.items():
        timed = {method: result for method, result in results.items() if "error" not in result}
        if OURS in timed:
            cpu, wall = timed[OURS]["cpu_ms"], timed[OURS]["wall_ms"]
            above = f"{cpu - timed[FLOOR]['cpu_ms']:.2f}" if FLOOR in timed else ""
            pace = f"{timed[YARDSTICK]['wall_ms'] / wall:.2f}" if YARDSTICK in timed else ""
            ratios = [f"{timed[method]['cpu_ms'] / cpu:.2f}" if method in timed else "" for method in others]
            rows.append([name, above, pace, *ratios])
    heads = ["clip", "ms above decode", f"frames/s to {YARDSTICK}", *(f"CPU: {method} / ours" for method in others)]
    return table(heads, rows)


def _stages(clips: dict[str, Any]) -> str:
    rows = []
    for name, results in clips.items():
        stages = results.get(OURS, {}).get("stages_ms")
        if stages:
            above = sum(taken for stage, taken in stages.items() if stage != "decode")
            rows.append([name, *(f"{stages.get(stage, 0):.2f}" for stage in STAGES), f"{above:.2f}"])
    return table(["clip", *STAGES, "all but decode"], rows)


ACCURACY: tuple[tuple[str, str, str], ...] = (
    ("objects", "objects", "d"),
    ("tracks", "tracks", "d"),
    ("P", "precision", ".3f"),
    ("R", "recall", ".3f"),
    ("F1", "f1", ".3f"),
    ("merges", "merges", "d"),
    ("splits", "splits", "d"),
    ("false boxes/frame", "false_boxes", ".2f"),
    ("pairs apart", "pairs_apart", ".3f"),
    ("broken whole", "broken_whole", ".3f"),
    ("HOTA", "hota", ".3f"),
    ("MOTA", "mota", ".3f"),
    ("IDF1", "idf1", ".3f"),
    ("switches", "switches", "d"),
)


def _accuracy(clips: dict[str, Any]) -> str:
    rows = []
    for name, results in clips.items():
        for method, result in results.items():
            scores = result.get("scores")
            if "error" in result:
                rows.append([f"{name}, {method}: {result['error']}", *[""] * (len(ACCURACY) + 2)])
            elif scores:
                figures = [_figure(scores.get(key), form) for _, key, form in ACCURACY]
                counted = f"{scores['line']} of {scores['line_true']}"
                rows.append([f"{name}, {method}", str(result["frames"]), *figures, counted])
    text = table(["clip, method", "frames", *(head for head, *_ in ACCURACY), "crossed the line"], rows)
    scored = [result["scores"] for results in clips.values() for result in results.values() if "scores" in result]
    without = scored and "hota" not in scored[0]
    return text + ("\nHOTA, MOTA, IDF1 and switches need trackeval, which is not installed here.\n" if without else "")


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _updates(timed: dict[str, dict[int, float]]) -> str:
    counts = list(dict.fromkeys(str(count) for each in timed.values() for count in each))
    rows = [[who, *(f"{taken:.2f}" for taken in each.values())] for who, each in timed.items()]
    return table(["tracker", *(f"{count} objects" for count in counts)], rows)
