"""The name of a run over a file: the same video, line and model are the same run."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["run_name"]

_CHUNK = 1 << 20


def run_name(source: Path | str, /, *recipe: str) -> str:
    """16 hexadecimal digits from the contents of ``source`` and from ``recipe`` (configuration, model).

    Events of a run that is repeated have the ids they had before, so that sinks store nothing twice; another
    configuration or model makes another run.

    Args:
        source: a file, or a folder, of which names, sizes and contents count.
        recipe: texts that decide what comes out.
    """
    digest = hashlib.sha256()
    root = Path(source)
    files = sorted(path for path in root.iterdir() if path.is_file()) if root.is_dir() else [root]
    for path in files:
        digest.update(path.name.encode("utf-8", "surrogateescape") if root.is_dir() else b"")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    for text in recipe:
        digest.update(hashlib.sha256(text.encode("utf-8")).digest())
    return digest.hexdigest()[:16]
