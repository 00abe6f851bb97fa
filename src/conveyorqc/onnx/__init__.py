"""Models in the ONNX format: any that is described by a mapping, exports of anomalib, and pretrained features."""

from conveyorqc.onnx._backbone import IMAGENET, OnnxBackbone
from conveyorqc.onnx._backend import OnnxBackend
from conveyorqc.onnx._mapping import OnnxInput, OnnxMapping, read_mapping

__all__ = ["IMAGENET", "OnnxBackbone", "OnnxBackend", "OnnxInput", "OnnxMapping", "read_mapping"]
