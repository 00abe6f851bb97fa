"""`OnnxBackend`: somebody else's model, judging in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask, Verdict, as_pictures
from conveyorqc.errors import InvalidInput, ModelError
from conveyorqc.onnx._anomalib import anomalib_mapping
from conveyorqc.onnx._answers import named_outputs, verdicts_of
from conveyorqc.onnx._mapping import OnnxMapping, read_mapping
from conveyorqc.onnx._network import Network
from conveyorqc.onnx._pictures import feeding_of

__all__ = ["OnnxBackend"]


class OnnxBackend:
    """An `AnomalyBackend` that runs an ONNX model: one that anomalib exported, or any other that is described.

    Exports of anomalib are recognised. Any other model needs a mapping: given here, or as JSON beside the model under
    the same name (``model.json`` for ``model.onnx``, see `read_mapping`). Safe to use from several threads.

    Args:
        path: the ``.onnx`` file. Weights that it keeps in another file (``model.onnx.data``) stay beside it.
        mapping: what the model is fed and what its outputs mean; None looks beside the model, and then whether
            anomalib exported it.
        threads: CPU threads that work on one call. More answers sooner and leaves less for the cameras; 0 takes all.
        providers: execution providers of onnxruntime, first choice first. Others need other builds of onnxruntime.
        batch_size: pictures that go through the model together, where it leaves that open. More is faster on a
            graphics card and takes more memory.

    Raises:
        MissingExtraError: if onnxruntime is not installed (``pip install 'conveyorqc[onnx]'``).
        InvalidInput: if an option is outside these bounds.
        ModelNotFound: if the model or its weights are missing.
        CorruptModel: if they are damaged.
        ModelError: if model and mapping do not fit each other; the text names what is missing.
    """

    def __init__(
        self,
        path: Path | str,
        /,
        mapping: OnnxMapping | None = None,
        *,
        threads: int = 1,
        providers: Sequence[str] = ("CPUExecutionProvider",),
        batch_size: int = 8,
    ) -> None:
        if batch_size < 1:
            raise InvalidInput(f"batch_size: expected 1 or more, got {batch_size}")
        self._network = Network(path, threads=threads, providers=providers)
        self._mapping = _mapping_beside(self._network) if mapping is None else mapping
        self._feeding = feeding_of(self._network, self._mapping.input)
        self._outputs = named_outputs(self._network, self._mapping)
        self._batch_size = self._feeding.batch or batch_size

    @property
    def mapping(self) -> OnnxMapping:
        """What the model is fed, and what its outputs mean."""
        return self._mapping

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of the model's file and its weights."""
        return self._network.fingerprint

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture, in order, with heat map and mask in the size of the picture.

        ``confidence`` comes from the score: 0.5 at the threshold, 1 at the end of ``score_range``, straight in
        between (see `conveyorqc.core.ScoreScale`). A label of the model that contradicts its score has 0.5.

        Args:
            images: (H, W, 3) uint8 BGR each, of any size.
            masks: (H, W) bool or None for each; used where the mapping says ``background="gray"``.

        Raises:
            InvalidInput: if a picture or a mask is not such an array.
            BackendError: if the model fails on them.
            BadBackendResponse: if its outputs are not what the mapping says.
        """
        verdicts: list[Verdict] = []
        for pictures, sizes in self._batches(as_pictures(images, masks)):
            values = self._feeding.batch_of(pictures)
            arrays = self._network.run(self._feeding.tensor, values, tuple(self._outputs.values()))
            outputs = dict(zip(self._outputs, arrays, strict=True))
            verdicts += verdicts_of(outputs, self._mapping, sizes=sizes, batch=len(values), model=self._network.name)
        return verdicts

    def _batches(
        self, pairs: Sequence[tuple[ImageU8, Mask | None]]
    ) -> Iterator[tuple[list[NDArray[Any]], list[tuple[int, int]]]]:
        """Prepared pictures of one shape and their own sizes, as many at a time as go through together."""
        for first in range(0, len(pairs), self._batch_size):
            some = pairs[first : first + self._batch_size]
            prepared = [(self._feeding.prepare(*pair), pair[0].shape[:2]) for pair in some]
            for _, alike in groupby(prepared, key=lambda one: one[0].shape):
                pictures, sizes = zip(*alike, strict=True)
                yield list(pictures), list(sizes)


def _mapping_beside(network: Network) -> OnnxMapping:
    beside = network.path.with_suffix(".json")
    if beside.is_file():
        return read_mapping(beside)
    mapping = anomalib_mapping(network)
    if mapping is None:
        listed = ", ".join(map(str, network.outputs))
        raise ModelError(
            f"{network.path}: expected an export of anomalib (an output 'pred_score', or metadata.json beside it), "
            f"a mapping or {beside.name} beside it; it has {listed}"
        )
    return mapping
