"""One loaded ONNX graph: what it takes, what it gives, and every failure of onnxruntime as an error of this library."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.errors import (
    BackendError,
    ConveyorQCError,
    CorruptModel,
    InvalidInput,
    MissingExtraError,
    ModelError,
    ModelNotFound,
)

__all__ = ["DTYPES", "Network", "Tensor"]

DTYPES: Mapping[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
"""What pictures can be given as, by the name that ONNX has for it."""

_WEIGHTS_ELSEWHERE = re.compile(rb"\x6a[^\x80-\xff]\x0a\x08location\x12([^\x80-\xff])", re.DOTALL)
"""``external_data { key: "location" value: … }`` of a TensorProto in onnx.proto3; the group is the value's length."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output as the graph declares it; None is a length that it leaves open."""

    name: str
    kind: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        return f"{self.name!r} ({self.kind}{list(self.shape)})"


class Network:
    """A graph, loaded and ready to run from any thread.

    Args:
        path: the ``.onnx`` file; weights that it keeps in other files lie beside it.
        threads: CPU threads that work on one call; 0 lets onnxruntime take all cores.
        providers: execution providers of onnxruntime, first choice first.

    Raises:
        MissingExtraError: if onnxruntime is not installed.
        InvalidInput: if ``threads`` is negative or this onnxruntime lacks a provider.
        ModelNotFound: if the file or its weights are missing.
        CorruptModel: if they are damaged or no ONNX model.
    """

    def __init__(self, path: Path | str, /, *, threads: int, providers: Sequence[str]) -> None:
        self.path = Path(path)
        if threads < 0:
            raise InvalidInput(f"threads: expected 0 or more, got {threads}")
        runtime = _runtime()
        lacking = sorted(set(providers) - set(runtime.get_available_providers()))
        if lacking or not providers:
            raise InvalidInput(
                f"providers: expected some of {', '.join(runtime.get_available_providers())}, got {list(providers)}"
            )
        self.fingerprint = _fingerprint(self.path)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised, not printed
        with _translated(f"{self.path}: expected an ONNX model", CorruptModel):
            self._session = runtime.InferenceSession(
                str(self.path), options, providers=list(providers), enable_fallback=0
            )
            self.inputs = tuple(_tensor(node) for node in self._session.get_inputs())
            self.outputs = tuple(_tensor(node) for node in self._session.get_outputs())

    @property
    def name(self) -> str:
        """The file's name and the first digits of its SHA-256: what verdicts are signed with."""
        return f"{self.path.name}:{self.fingerprint[:8]}"

    def input(self, name: str | None, /) -> Tensor:
        """The input of this name, or the only one.

        Raises:
            ModelError: if there is no such input, or there are others, which nobody would feed.
        """
        wanted = self._named(name or self.inputs[0].name, self.inputs, "input") if self.inputs else None
        if wanted is None or len(self.inputs) != 1:
            raise ModelError(f"{self.path}: expected one input, the picture, got {_listed(self.inputs)}")
        return wanted

    def output(self, name: str, /) -> Tensor:
        """The output of this name.

        Raises:
            ModelError: if there is none; the text says which there are.
        """
        return self._named(name, self.outputs, "output")

    def run(self, feed: Tensor, values: NDArray[Any], outputs: Sequence[str], /) -> list[NDArray[Any]]:
        """The outputs of these names for one batch.

        Raises:
            BackendError: if the graph cannot be computed.
        """
        with _translated(f"{self.path}: cannot judge a batch of shape {values.shape}", BackendError):
            answers = self._session.run(list(outputs), {feed.name: values})
        return [np.asarray(answer) for answer in answers]

    def _named(self, name: str, tensors: Sequence[Tensor], what: str) -> Tensor:
        for tensor in tensors:
            if tensor.name == name:
                return tensor
        raise ModelError(f"{self.path}: expected an {what} named {name!r}, it has {_listed(tensors)}")


def _runtime() -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise MissingExtraError("onnxruntime", extra="onnx") from error
    return onnxruntime


@contextmanager
def _translated(what: str, kind: type[ConveyorQCError]) -> Iterator[None]:
    """Raise ``kind`` for whatever onnxruntime raises: its own errors share no base but `Exception`."""
    try:
        yield
    except Exception as error:
        raise kind(f"{what}: {' '.join(str(error).split()):.500}") from error


def _tensor(node: Any) -> Tensor:
    """Lengths that are names or negative are open."""
    lengths = tuple(length if isinstance(length, int) and length >= 0 else None for length in node.shape)
    return Tensor(node.name, node.type, lengths)


def _listed(tensors: Sequence[Tensor]) -> str:
    return ", ".join(map(str, tensors)) or "none"


def _fingerprint(path: Path) -> str:
    """64 hexadecimal digits of the SHA-256 of the model and of the weights that it keeps beside it."""
    try:
        graph = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ModelNotFound(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    digest = hashlib.sha256(graph)
    for name in sorted(_files_of_weights(graph, path)):
        try:
            with (path.parent / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ModelNotFound(
                f"{path}: expected its weights beside it in {name!r}, cannot read that: {error.strerror or error}"
            ) from error
    return digest.hexdigest()


def _files_of_weights(graph: bytes, path: Path) -> set[str]:
    """Names of the files with the weights that are not in ``graph`` itself."""
    names = set()
    for found in _WEIGHTS_ELSEWHERE.finditer(graph):
        raw = graph[found.end() : found.end() + found[1][0]]
        name = raw.decode("utf-8", errors="replace")
        if "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
            raise CorruptModel(f"{path}: expected its weights in a file beside it, got {name!r}")
        names.add(name)
    return names
