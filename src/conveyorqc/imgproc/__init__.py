"""The only room that imports OpenCV (and, in one module, scikit-image): arrays in, arrays out."""

from conveyorqc.imgproc._align import base_pose, posed, refined_pose
from conveyorqc.imgproc._belt_compare import BeltPlanes, belt_in_shadow, crisp_mask, difference_from_belt, only_where
from conveyorqc.imgproc._blend import LIGHT_UNIT, add_signed, heat_colors, lit, mixed
from conveyorqc.imgproc._codec import decode_image, encode_jpeg, encode_png, read_image, write_png
from conveyorqc.imgproc._color import (
    ColorRange,
    ColorSpace,
    bgr_to_ycrcb,
    color_mask,
    convert_color,
    luma_of,
    ycrcb_to_bgr,
)
from conveyorqc.imgproc._defects import Piece, spoiled
from conveyorqc.imgproc._dense import DENSE_CHANNELS, box_context, dense_features
from conveyorqc.imgproc._draw import Bgr, Canvas, text_size
from conveyorqc.imgproc._features import (
    object_features,
    object_view,
    outline_features,
    relief_features,
    surface_features,
)
from conveyorqc.imgproc._fingerprint import HASH_BITS, perceptual_hash, picture_gist
from conveyorqc.imgproc._foreground import foreground_mask
from conveyorqc.imgproc._framing import ViewSquare, cut_plane, cut_view, lay_back, object_square, picture_square
from conveyorqc.imgproc._header import ImageHeader, image_header
from conveyorqc.imgproc._maps import resize_map
from conveyorqc.imgproc._measure import blur, canny_edges, components, sharpness
from conveyorqc.imgproc._mil import MilTracker
from conveyorqc.imgproc._morphology import (
    closing,
    dilation,
    distance_inside,
    erosion,
    fill_holes,
    local_range,
    majority,
    opening,
)
from conveyorqc.imgproc._necks import neck_split, possible_necks
from conveyorqc.imgproc._photometry import Photometry, photometry
from conveyorqc.imgproc._resize import (
    pad_image,
    resize,
    resize_mask,
    small_luma,
    small_planes,
    small_ycrcb,
    working_size,
)
from conveyorqc.imgproc._retouch import turn_hue
from conveyorqc.imgproc._shift import PhaseCorrelator, ShiftPeak, Spectrum, transform_size
from conveyorqc.imgproc._soft_edges import half_height_boxes
from conveyorqc.imgproc._surroundings import background_features
from conveyorqc.imgproc._warp import (
    Border,
    WarpMethod,
    line_kernel_blur,
    mirrored,
    sliding_window,
    transposed,
    warp_affine,
)
from conveyorqc.imgproc._yuv import YuvLevels, YuvMatrix, bgr_to_yuv420, yuv420_to_bgr

__all__ = [
    "DENSE_CHANNELS",
    "HASH_BITS",
    "LIGHT_UNIT",
    "BeltPlanes",
    "Bgr",
    "Border",
    "Canvas",
    "ColorRange",
    "ColorSpace",
    "ImageHeader",
    "MilTracker",
    "PhaseCorrelator",
    "Photometry",
    "Piece",
    "ShiftPeak",
    "Spectrum",
    "ViewSquare",
    "WarpMethod",
    "YuvLevels",
    "YuvMatrix",
    "add_signed",
    "background_features",
    "base_pose",
    "belt_in_shadow",
    "bgr_to_ycrcb",
    "bgr_to_yuv420",
    "blur",
    "box_context",
    "canny_edges",
    "closing",
    "color_mask",
    "components",
    "convert_color",
    "crisp_mask",
    "cut_plane",
    "cut_view",
    "decode_image",
    "dense_features",
    "difference_from_belt",
    "dilation",
    "distance_inside",
    "encode_jpeg",
    "encode_png",
    "erosion",
    "fill_holes",
    "foreground_mask",
    "half_height_boxes",
    "heat_colors",
    "image_header",
    "lay_back",
    "line_kernel_blur",
    "lit",
    "local_range",
    "luma_of",
    "majority",
    "mirrored",
    "mixed",
    "neck_split",
    "object_features",
    "object_square",
    "object_view",
    "only_where",
    "opening",
    "outline_features",
    "pad_image",
    "perceptual_hash",
    "photometry",
    "picture_gist",
    "picture_square",
    "posed",
    "possible_necks",
    "read_image",
    "refined_pose",
    "relief_features",
    "resize",
    "resize_map",
    "resize_mask",
    "sharpness",
    "sliding_window",
    "small_luma",
    "small_planes",
    "small_ycrcb",
    "spoiled",
    "surface_features",
    "text_size",
    "transform_size",
    "transposed",
    "turn_hue",
    "warp_affine",
    "working_size",
    "write_png",
    "ycrcb_to_bgr",
    "yuv420_to_bgr",
]
