"""Finding and following objects, measured against what a user would pick instead.

    python -m tests.benchmarks.tracking [--peers DIR] [--quick] [--clips NAME,…] [--only METHOD,…]

Run it from the root of the checkout. Clips are simulated on the first run and kept; the line is calibrated on each
without labels, which is not timed. Every method runs in a process of its own, in turn, and the best of some repeats
counts: time is CPU time of all threads, which a busy machine distorts least. Without ``--peers`` only decoding and this
project are measured; with it an environment is made in DIR with opencv-contrib-python, trackers, supervision and
trackeval, which takes a few minutes once.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conveyorqc.calibrate import calibrate
from conveyorqc.config import save_config
from conveyorqc.errors import ConveyorQCError
from conveyorqc.video import open_video

from .clips import DEFAULT, Clip, prepared, scene_named
from .environment import Environment, machine
from .methods import METHODS
from .peers import PEERS
from .tables import markdown
from .updates import COUNTS

__all__ = ["Bench", "main"]

LONG_S = 5.0  # CPU seconds of a run that is not repeated: noise is small against it
UPDATE = "update alone"
MARK = "<!-- figures -->\n"


@dataclass(frozen=True, slots=True)
class Bench:
    """The methods to compare and how: ``places`` says which interpreter runs each of them."""

    places: dict[str, Environment]
    scorer: Environment
    folder: Path
    repeats: int
    budget_s: float
    quick: bool

    def measured(self, clip: Clip, /) -> dict[str, dict[str, Any]]:
        """The figures of each method on ``clip``: the best times, and how right its boxes are."""
        line = self.folder / f"{clip.scene.name}.yaml"
        try:
            save_config(calibrate(open_video(clip.video)), line)
        except ConveyorQCError as error:
            say(f"{clip.scene.name}: calibration: {error}")
        best: dict[str, dict[str, Any]] = {}
        for number in range(self.repeats):
            for method in self.places:
                known = best.get(method)
                if known and ("error" in known or known["cpu_ms"] * known["frames"] > 1e3 * LONG_S):
                    continue
                say(f"{clip.scene.name}: {method} ({number + 1}/{self.repeats})")
                found = self._run(method, clip, line, known)
                best[method] = better(known, found)
                say("  " + found.get("error", f"{found['cpu_ms']:.2f} CPU ms per frame"))
        return best

    def _run(self, method: str, clip: Clip, line: Path, known: dict[str, Any] | None) -> dict[str, Any]:
        spec = {
            "scene": clip.scene.name,
            "quick": self.quick,
            "video": str(clip.video),
            "line": str(line),
            "budget_s": self.budget_s,
        }
        out = self.folder / "result.json"
        try:
            self.places[method].run("worker", method, json.dumps(spec), str(out))
            result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
            if known is None and not method.startswith("decode"):
                result["scores"] = json.loads(self.scorer.run("scores", json.dumps(spec), str(out)))
        except RuntimeError as error:
            return {"error": str(error)}
        del result["rows"]
        return result


def better(known: dict[str, Any] | None, found: dict[str, Any], /) -> dict[str, Any]:
    """The run that took less CPU time, with the shortest wall time of both and the accuracy, which is the same."""
    if known is None or "error" in found:
        return found
    kept, other = sorted((known, found), key=lambda result: result["cpu_ms"])
    return {**other, **kept, "wall_ms": min(known["wall_ms"], found["wall_ms"])}


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def updates(places: dict[str, Environment], /) -> dict[str, dict[int, float]]:
    """CPU ms of one `update`, by tracker and by number of objects."""
    timed: dict[str, dict[int, float]] = {}
    for who, place in places.items():
        say(f"{UPDATE}: {who}")
        timed[who] = {visible: float(place.run("updates", who, str(visible))) for visible in COUNTS}
    return timed


def chosen(only: str | None, known: list[str], /) -> list[str]:
    """The methods that were asked for: all that are known unless some are named."""
    wanted = only.split(",") if only else known
    for method in wanted:
        if method not in known:
            missing = " (it needs --peers)" if method in PEERS else ""
            raise SystemExit(f"--only: expected some of {', '.join(known)}, got {method}{missing}")
    return wanted


def arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.tracking",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kept = Path(tempfile.gettempdir()) / "conveyorqc-benchmark"
    parser.add_argument("--peers", type=Path, metavar="DIR", help="environment of the peers; made if it is not there")
    parser.add_argument("--clips", default=",".join(DEFAULT), help="KIND-HEIGHT,… (default: %(default)s)")
    parser.add_argument("--only", metavar="METHOD,…", help="of: " + ", ".join((*METHODS, *PEERS, UPDATE)))
    parser.add_argument("--repeats", type=int, default=3, help="best of so many (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="clips half as long, one repeat")
    parser.add_argument("--seed", type=int, default=0, help="of the clips (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=kept, help="folder of the clips (default: %(default)s)")
    parser.add_argument("--budget", type=float, default=60.0, help="CPU seconds after which a run ends early")
    parser.add_argument("--earlier", type=Path, metavar="JSON", help="fill in what is not run now from an earlier run")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures there")
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="OUT",
        help=f"write the tables there; below the line {MARK.strip()} if there is one",
    )
    return parser.parse_args(given)


def main(argv: list[str] | None = None) -> None:
    given = arguments(argv)
    here = Environment.here()
    peers = Environment.of_peers(given.peers) if given.peers else None
    places = dict.fromkeys(METHODS, here) | (dict.fromkeys(PEERS, peers) if peers else {})
    wanted = chosen(given.only, [*places, UPDATE])
    repeats = 1 if given.quick else given.repeats
    report: dict[str, Any] = {
        "machine": machine(),
        "versions": {"here": here.versions(), **({"peers": peers.versions()} if peers else {})},
        "settings": {"seed": given.seed, "repeats": repeats, "quick": given.quick, "budget_s": given.budget},
        "clips": {},
        "updates": {},
    }
    with tempfile.TemporaryDirectory() as folder:
        asked = {method: places[method] for method in wanted if method != UPDATE}
        bench = Bench(asked, peers or here, Path(folder), repeats, given.budget, given.quick)
        for name in given.clips.split(",") if asked else ():
            scene = scene_named(name, quick=given.quick)
            say(f"{name}: clip")
            report["clips"][name] = bench.measured(prepared(scene, seed=given.seed, cache=given.cache))
            write(report, given)
    filled_in(report, given.earlier)
    if UPDATE in wanted:
        report["updates"] |= updates({"conveyorqc": here, **({"ByteTrack": peers} if peers else {})})
    write(report, given)
    sys.stdout.write(markdown(report))


def filled_in(report: dict[str, Any], earlier: Path | None, /) -> None:
    """Figures of methods and places that ``report`` has not, taken over from the JSON of an earlier run."""
    if earlier is None:
        return
    known = json.loads(earlier.read_text(encoding="utf-8"))
    report["versions"] = known["versions"] | report["versions"]
    report["updates"] = known["updates"] | report["updates"]
    for name, results in report["clips"].items():
        both = known["clips"].get(name, {}) | results
        report["clips"][name] = {method: both[method] for method in (*METHODS, *PEERS) if method in both}


def write(report: dict[str, Any], given: argparse.Namespace, /) -> None:
    """What is known so far: a long run that is cut short leaves its figures."""
    if given.json:
        given.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if given.markdown:
        page = given.markdown.read_text(encoding="utf-8") if given.markdown.is_file() else ""
        head, mark, _ = page.partition(MARK)
        given.markdown.write_text((head + mark + "\n" if mark else "") + markdown(report), encoding="utf-8")


if __name__ == "__main__":
    main()
