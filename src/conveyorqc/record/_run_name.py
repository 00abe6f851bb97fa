"""The name of a run over a file: the same video, line and model are the same run."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conveyorqc.errors import VideoError

__all__ = ["run_name"]


def run_name(source: Path | str, /, *recipe: str) -> str:
    """16 hexadecimal digits from the contents of ``source`` and from ``recipe`` (configuration, model).

    Events of a run that is repeated have the ids they had before, so that sinks store nothing twice; another
    configuration or model makes another run.

    Args:
        source: a file, whose name does not count, or a folder, of which the names and contents of all files in it do.
        recipe: texts that decide what comes out.

    Raises:
        VideoError: if ``source`` cannot be read.
    """
    root = Path(source)
    try:
        parts = _folder_digests(root) if root.is_dir() else [_file_digest(root)]
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise VideoError(f"{source}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    # Digests are all of one length, so that no two lists of parts run together to the same bytes.
    parts += [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in recipe]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _folder_digests(folder: Path) -> list[bytes]:
    files = sorted((path for path in folder.iterdir() if path.is_file()), key=lambda path: path.name)
    names = [hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).digest() for path in files]
    return [digest for name, path in zip(names, files, strict=True) for digest in (name, _file_digest(path))]


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
