"""Where methods run: this interpreter, or one with the packages of the peers; and what the machine is."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Environment", "machine"]

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
PACKAGES = ("numpy", "opencv-python", "opencv-contrib-python", "av", "trackers", "supervision", "trackeval")


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter that runs modules of this benchmark on the sources of this checkout."""

    python: str

    @classmethod
    def here(cls) -> Environment:
        return cls(sys.executable)

    @classmethod
    def of_peers(cls, folder: Path, /) -> Environment:
        """The environment in ``folder``, made unless the same requirements were installed there before."""
        made = cls(str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")))
        mark = folder / "requirements-installed"
        wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
        if not mark.is_file() or mark.read_text(encoding="ascii") != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            made._install("-r", str(REQUIREMENTS), str(ROOT))
            # What needs plain OpenCV brought it along; both write the same folder, and the one with KCF must win.
            contrib = next(line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if "contrib" in line)
            made._pip("uninstall", "--yes", "opencv-python", "opencv-contrib-python")
            made._install("--no-deps", contrib)
            mark.write_text(wanted, encoding="ascii")
        return made

    def run(self, module: str, *arguments: str) -> str:
        """What ``python -m module`` prints.

        Raises:
            RuntimeError: with the last line of its complaint, if it fails.
        """
        done = subprocess.run(
            [self.python, "-m", f"{__package__}.{module}", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OPENCV_FOR_THREADS_NUM": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
        return done.stdout

    def versions(self) -> dict[str, str]:
        """Python's version, and those of the packages that matter here, as far as they are installed."""
        known: dict[str, str] = json.loads(self.run("environment"))
        return known

    def _install(self, *what: str) -> None:
        self._pip("install", "--quiet", *what)

    def _pip(self, *what: str) -> None:
        subprocess.run([self.python, "-m", "pip", "--disable-pip-version-check", *what], check=True)


def machine() -> dict[str, Any]:
    """The processor and how many of its cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": _processor(), "cores": cores, "system": platform.system()}


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def main() -> None:
    from importlib.metadata import distributions

    known = {found.name: found.version for found in distributions()}
    versions = {"python": platform.python_version()}
    versions |= {name: known[name] for name in PACKAGES if name in known}
    sys.stdout.write(json.dumps(versions))


if __name__ == "__main__":
    main()
