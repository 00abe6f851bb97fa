"""Labelled pictures of objects and the files they live in; train and test parts that share no object."""

from conveyorqc.dataset._check import Finding, Severity, check_pictures, leak_findings
from conveyorqc.dataset._coco_pictures import NORMAL_CATEGORIES, read_coco_pictures, write_coco_pictures
from conveyorqc.dataset._coco_write import write_coco
from conveyorqc.dataset._crops import CropWriter, StoredCrop, read_crops, write_crops
from conveyorqc.dataset._duplicates import Likeness, Twins, find_twins
from conveyorqc.dataset._facts import PictureFacts, look_at
from conveyorqc.dataset._folders import read_label_folders, write_label_folders
from conveyorqc.dataset._ground_truth import GroundTruth, TruthBox, TruthObject
from conveyorqc.dataset._labelled import Label, LabelledDataset, LabelledImage, LoadedImage, Split
from conveyorqc.dataset._labelled_boxes import FrameBoxes, LabelledBoxes
from conveyorqc.dataset._labels import read_labels, write_labels
from conveyorqc.dataset._leak import LEAK_AUROC, background_scores
from conveyorqc.dataset._lines import BadLines
from conveyorqc.dataset._manifest import iter_manifest, read_manifest
from conveyorqc.dataset._manifest_write import write_manifest
from conveyorqc.dataset._masks import MaskFile, MaskRegions
from conveyorqc.dataset._mot import MotRow, mot_rows, read_mot, write_mot
from conveyorqc.dataset._mvtec import read_mvtec, write_mvtec
from conveyorqc.dataset._read import read_dataset, read_labelled_crops
from conveyorqc.dataset._read_boxes import read_boxes
from conveyorqc.dataset._regions import Polygons, RunLengths
from conveyorqc.dataset._split import grouped_folds, grouped_split, split_by_object
from conveyorqc.dataset._stats import DatasetStats, DefectStats, dataset_stats
from conveyorqc.dataset._table import iter_table, read_table, write_table
from conveyorqc.dataset._write import DatasetFormat, write_dataset

__all__ = [
    "LEAK_AUROC",
    "NORMAL_CATEGORIES",
    "BadLines",
    "CropWriter",
    "DatasetFormat",
    "DatasetStats",
    "DefectStats",
    "Finding",
    "FrameBoxes",
    "GroundTruth",
    "Label",
    "LabelledBoxes",
    "LabelledDataset",
    "LabelledImage",
    "Likeness",
    "LoadedImage",
    "MaskFile",
    "MaskRegions",
    "MotRow",
    "PictureFacts",
    "Polygons",
    "RunLengths",
    "Severity",
    "Split",
    "StoredCrop",
    "TruthBox",
    "TruthObject",
    "Twins",
    "background_scores",
    "check_pictures",
    "dataset_stats",
    "find_twins",
    "grouped_folds",
    "grouped_split",
    "iter_manifest",
    "iter_table",
    "leak_findings",
    "look_at",
    "mot_rows",
    "read_boxes",
    "read_coco_pictures",
    "read_crops",
    "read_dataset",
    "read_label_folders",
    "read_labelled_crops",
    "read_labels",
    "read_manifest",
    "read_mot",
    "read_mvtec",
    "read_table",
    "split_by_object",
    "write_coco",
    "write_coco_pictures",
    "write_crops",
    "write_dataset",
    "write_label_folders",
    "write_labels",
    "write_manifest",
    "write_mot",
    "write_mvtec",
    "write_table",
]
