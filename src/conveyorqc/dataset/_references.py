"""From what a data set calls its pictures to files that are there and may be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from conveyorqc.dataset._lines import JsonPlace, Place, contained_file

__all__ = ["References"]


class References:
    """Finds the files that a data set refers to, and none outside the folders it was given.

    Args:
        folder: where the file with the references lies: relative ones are taken from there.
        root: the folder that references must not leave; ``folder`` when None.
        prefixes: where copies of remote pictures lie. The longest prefix that fits counts.
    """

    def __init__(
        self, folder: Path, /, *, root: Path | str | None = None, prefixes: Mapping[str, Path | str] | None = None
    ) -> None:
        self._folder = folder
        self._root = folder if root is None else Path(root)
        self._prefixes = dict(prefixes or {})

    def path(self, reference: object, place: Place | JsonPlace, /) -> Path:
        """The existing file that ``reference`` means.

        Raises:
            DatasetError: naming ``place``, if it is none, is remote, or lies outside.
        """
        if not isinstance(reference, str) or not reference:
            raise place.error(f"expected a reference to a file, got {reference!r:.80}")
        prefix = max((p for p in self._prefixes if reference.startswith(p)), key=len, default=None)
        if prefix is not None:
            copies = self._folder / self._prefixes[prefix]
            return contained_file(reference[len(prefix) :].lstrip("/"), folder=copies, root=copies, place=place)
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", reference):
            remote = reference[: reference.rindex("/") + 1]
            raise place.error(
                f"expected a file beside the manifest, got {reference!r}: copy the pictures here "
                f"(aws s3 sync {remote} FOLDER) and either make the references relative or pass "
                f"prefixes={{{remote!r}: 'FOLDER'}}"
            )
        return contained_file(reference, folder=self._folder, root=self._root, place=place)
