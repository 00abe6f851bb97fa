"""Labelled pictures of objects and the files they live in; train and test parts that share no object."""

from conveyorqc.dataset._coco_write import write_coco
from conveyorqc.dataset._crops import CropWriter, StoredCrop, read_crops, write_crops
from conveyorqc.dataset._folders import read_label_folders
from conveyorqc.dataset._ground_truth import GroundTruth, TruthBox, TruthObject
from conveyorqc.dataset._labelled import Label, LabelledDataset, LabelledImage, LoadedImage, MaskFile
from conveyorqc.dataset._labelled_boxes import FrameBoxes, LabelledBoxes
from conveyorqc.dataset._labels import read_labels, write_labels
from conveyorqc.dataset._manifest import read_manifest
from conveyorqc.dataset._mot import MotRow, mot_rows, read_mot, write_mot
from conveyorqc.dataset._read import read_dataset, read_labelled_crops
from conveyorqc.dataset._read_boxes import read_boxes
from conveyorqc.dataset._split import grouped_folds, grouped_split, split_by_object

__all__ = [
    "CropWriter",
    "FrameBoxes",
    "GroundTruth",
    "Label",
    "LabelledBoxes",
    "LabelledDataset",
    "LabelledImage",
    "LoadedImage",
    "MaskFile",
    "MotRow",
    "StoredCrop",
    "TruthBox",
    "TruthObject",
    "grouped_folds",
    "grouped_split",
    "mot_rows",
    "read_boxes",
    "read_crops",
    "read_dataset",
    "read_label_folders",
    "read_labelled_crops",
    "read_labels",
    "read_manifest",
    "read_mot",
    "split_by_object",
    "write_coco",
    "write_crops",
    "write_labels",
    "write_mot",
]
