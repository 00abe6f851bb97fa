"""`OnnxBackbone`: pretrained features that the user brings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask, as_pictures
from conveyorqc.errors import BadBackendResponse, InvalidInput, ModelError
from conveyorqc.imgproc import resize_map
from conveyorqc.onnx._mapping import OnnxInput
from conveyorqc.onnx._network import DTYPES, Network
from conveyorqc.onnx._pictures import feeding_of

__all__ = ["IMAGENET", "OnnxBackbone"]

IMAGENET = OnnxInput(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
"""What networks that were trained on ImageNet with torchvision or timm are fed."""

_MOST_CELLS = 1024


class OnnxBackbone:
    """Dense features of a picture from a network that the user supplies; nothing is downloaded.

    A `Backbone` for the experts of `conveyorqc.LocalBackend`. Safe to use from several threads.

    Args:
        path: the ``.onnx`` file of a network whose outputs are feature maps.
        layers: names of the outputs to use, finest first; None takes all with 4 axes in the order of the network.
            Middle layers (the second and third stage of a ResNet) tell defects best: early ones see colour and
            edges alone, late ones are bound to what the network was trained for (K. Roth et al., "Towards Total
            Recall in Industrial Anomaly Detection", CVPR 2022).
        input: what the network is fed.
        grid: (height, width) of the map, in cells; None takes that of the first layer. Finer shows smaller defects
            and costs more, but no more than the first layer tells is in it.
        threads: CPU threads that work on one picture; 0 takes all.
        providers: execution providers of onnxruntime, first choice first.

    Raises:
        MissingExtraError, ModelNotFound, CorruptModel: as `OnnxBackend`.
        InvalidInput: as `OnnxBackend`, or if ``grid`` has no cells.
        ModelError: if the network has no such layers, or takes no pictures.
    """

    def __init__(
        self,
        path: Path | str,
        /,
        *,
        layers: Sequence[str] | None = None,
        input: OnnxInput = IMAGENET,  # noqa: A002 - what it is called in OnnxMapping too
        grid: tuple[int, int] | None = None,
        threads: int = 1,
        providers: Sequence[str] = ("CPUExecutionProvider",),
    ) -> None:
        if grid is not None and not all(1 <= cells <= _MOST_CELLS for cells in grid):
            raise InvalidInput(f"grid: expected (height, width) in 1-{_MOST_CELLS} cells, got {grid}")
        self._network = Network(path, threads=threads, providers=providers)
        self._feeding = feeding_of(self._network, input)
        self._layers = _layers_of(self._network, layers)
        self._grid = grid
        told = repr((self._network.fingerprint, self._layers, input, grid)).encode()
        self._fingerprint = hashlib.sha256(told).hexdigest()

    @property
    def layers(self) -> tuple[str, ...]:
        """The outputs that are used."""
        return self._layers

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of the network, its weights, layers and grid, and of what it is fed."""
        return self._fingerprint

    @property
    def name(self) -> str:
        """The file's name and the first digits of the fingerprint: a model works with these features alone."""
        return f"{self._network.path.name}:{self._fingerprint[:16]}"

    def features(self, image: ImageU8, mask: Mask | None = None, /) -> NDArray[np.float32]:
        """(h, w, d) float32: the layers brought to one grid, bilinear, and put one behind the other.

        Args:
            image: (H, W, 3) uint8 BGR, of any size.
            mask: (H, W) bool, True on the object; used where ``input`` says ``background="gray"``.

        Raises:
            InvalidInput: if they are no such arrays.
            BackendError: if the network fails on it.
            BadBackendResponse: if a layer is no feature map.
        """
        [pair] = as_pictures([image], [mask])
        values = self._feeding.batch_of([self._feeding.prepare(*pair)])
        arrays = self._network.run(self._feeding.tensor, values, self._layers)
        maps = [self._map(name, array) for name, array in zip(self._layers, arrays, strict=True)]
        height, width = self._grid or maps[0].shape[:2]
        return np.concatenate([resize_map(one, width=width, height=height) for one in maps], axis=2)

    def _map(self, name: str, array: NDArray[Any]) -> NDArray[np.float32]:
        """(h, w, channels) of the first picture of the batch."""
        if array.ndim != 4 or not array.size:
            raise BadBackendResponse(f"{name}: expected a feature map of 4 axes, got shape {array.shape}")
        first = np.asarray(array[0], dtype=np.float32)
        if not np.isfinite(first).all():
            raise BadBackendResponse(f"{name}: expected finite features, got NaN or infinity")
        return first if self._feeding.declared.layout == "NHWC" else np.moveaxis(first, 0, 2)


def _layers_of(network: Network, layers: Sequence[str] | None) -> tuple[str, ...]:
    if layers is None:
        layers = [tensor.name for tensor in network.outputs if len(tensor.shape) == 4]
    found = [network.output(name) for name in layers]
    if not found or any(len(tensor.shape) != 4 or tensor.kind not in DTYPES for tensor in found):
        listed = ", ".join(map(str, found or network.outputs))
        raise ModelError(f"{network.path}: expected layers that are feature maps of 4 axes, got {listed}")
    return tuple(layers)
