"""Frames in (video files, folders of pictures, arrays) and annotated H.264 out: the only room that imports PyAV."""

from conveyorqc.video._file import VideoFile
from conveyorqc.video._images import ImageFolder, frames_from
from conveyorqc.video._source import FrameSource, open_video
from conveyorqc.video._writer import VideoWriter

__all__ = ["FrameSource", "ImageFolder", "VideoFile", "VideoWriter", "frames_from", "open_video"]
