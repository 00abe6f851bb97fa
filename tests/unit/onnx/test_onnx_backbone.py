from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import picture, pyramid, save, value, weights

from conveyorqc.errors import BadBackendResponse, InvalidInput, ModelError, ModelNotFound
from conveyorqc.onnx import IMAGENET, OnnxBackbone, OnnxInput

PLAIN = OnnxInput(scale=1.0)


def pooled(image: np.ndarray, by: int) -> np.ndarray:
    """Mean of blocks, channels as RGB."""
    height, width = image.shape[0] // by, image.shape[1] // by
    return image[..., ::-1].reshape(height, by, width, by, 3).mean(axis=(1, 3))


@pytest.fixture
def model(tmp_path):
    return pyramid(tmp_path / "backbone.onnx")


@pytest.mark.parametrize("batch", ["n", 1, 4])
def test_layers_come_on_the_grid_of_the_first_one_behind_the_other(batch, tmp_path):
    backbone = OnnxBackbone(pyramid(tmp_path / "backbone.onnx", batch=batch), input=PLAIN)

    features = backbone.features(picture(1))

    assert ("fine", "coarse") == backbone.layers
    assert ((8, 8, 6), np.float32) == (features.shape, features.dtype)
    np.testing.assert_allclose(features[..., :3], pooled(picture(1), 2), rtol=1e-5)
    assert 2 * pooled(picture(1), 4)[0, 0] == pytest.approx(features[0, 0, 3:], rel=1e-5)


def test_the_chosen_layers_are_used_in_their_order(model):
    backbone = OnnxBackbone(model, layers=["coarse", "fine"], input=PLAIN)
    assert (4, 4, 6) == backbone.features(picture(1)).shape
    only = OnnxBackbone(model, layers=["coarse"], input=PLAIN).features(picture(1))
    np.testing.assert_allclose(only, 2 * pooled(picture(1), 4), rtol=1e-5)


def test_pictures_of_any_size_are_resized(model):
    backbone = OnnxBackbone(model, input=PLAIN)
    large = np.repeat(np.repeat(picture(1), 2, axis=0), 3, axis=1)
    np.testing.assert_allclose(backbone.features(large), backbone.features(picture(1)), atol=1.0)


def test_pictures_are_prepared_as_for_imagenet_unless_told_otherwise(model):
    features = OnnxBackbone(model, layers=["fine"]).features(picture(1))
    expected = (pooled(picture(1), 2) / 255 - IMAGENET.mean) / IMAGENET.std
    np.testing.assert_allclose(features, expected, atol=1e-5)


def test_the_fingerprint_follows_model_layers_and_preparation(model, tmp_path):
    other = pyramid(tmp_path / "other.onnx", batch=1)
    prints = {
        OnnxBackbone(model).fingerprint,
        OnnxBackbone(other).fingerprint,
        OnnxBackbone(model, layers=["fine"]).fingerprint,
        OnnxBackbone(model, input=PLAIN).fingerprint,
        OnnxBackbone(model, grid=(4, 4)).fingerprint,
    }
    assert len(prints) == 5
    assert OnnxBackbone(model).fingerprint == OnnxBackbone(model).fingerprint


def test_features_are_named_after_the_file_and_all_that_makes_them(model):
    backbone = OnnxBackbone(model)
    assert f"backbone.onnx:{backbone.fingerprint[:16]}" == backbone.name


def test_the_grid_can_be_chosen(model):
    backbone = OnnxBackbone(model, layers=["fine"], input=PLAIN, grid=(4, 6))
    features = backbone.features(np.full((16, 16, 3), 7, np.uint8))
    np.testing.assert_allclose(features, np.full((4, 6, 3), 7.0))


@pytest.mark.parametrize("grid", [(0, 4), (4, 2000)])
def test_a_grid_without_cells_is_refused(grid, model):
    with pytest.raises(InvalidInput, match="grid: expected"):
        OnnxBackbone(model, grid=grid)


def test_what_is_around_the_object_can_be_painted_gray(model):
    backbone = OnnxBackbone(model, layers=["fine"], input=OnnxInput(scale=1.0, background="gray"))
    mask = np.zeros((16, 16), np.bool_)
    mask[:8] = True
    features = backbone.features(np.full((16, 16, 3), 7, np.uint8), mask)
    assert (7.0, 128.0) == (features[:4].max(), features[4:].min())


def test_threads_get_the_same_features(model):
    backbone = OnnxBackbone(model)
    expected = backbone.features(picture(1))
    with ThreadPoolExecutor(4) as pool:
        for features in pool.map(lambda _: backbone.features(picture(1)), range(12)):
            np.testing.assert_array_equal(expected, features)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["layer2"], "expected an output named 'layer2', it has 'fine'"),
        (["flat"], "expected layers that are feature maps of 4 axes, got 'flat'"),
        ([], "expected layers that are feature maps of 4 axes"),
    ],
)
def test_layers_that_are_none_are_refused(layers, message, model):
    with pytest.raises(ModelError, match=message):
        OnnxBackbone(model, layers=layers)


def saying(tmp_path, said, shape):
    nodes = [helper.make_node("Identity", ["said"], ["layer"])]
    feed = [value("x", TensorProto.FLOAT, [1, 3, 4, 4])]
    return save(tmp_path / "m.onnx", nodes, feed, [value("layer", TensorProto.FLOAT, shape)], [weights("said", said)])


def test_features_that_are_no_numbers_are_refused(tmp_path):
    backbone = OnnxBackbone(saying(tmp_path, np.full((1, 2, 3, 3), np.nan), [1, 2, 3, 3]))
    with pytest.raises(BadBackendResponse, match="layer: expected finite features"):
        backbone.features(picture(1))


def test_a_layer_that_turns_out_empty_is_refused(tmp_path):
    backbone = OnnxBackbone(saying(tmp_path, np.zeros((0, 2, 3, 3)), ["n", 2, 3, 3]))
    with pytest.raises(BadBackendResponse, match="layer: expected a feature map of 4 axes"):
        backbone.features(picture(1))


def test_channels_may_come_last(tmp_path):
    nodes = [helper.make_node("Identity", ["x"], ["layer"])]
    shape = ["n", 4, 4, 3]
    path = save(
        tmp_path / "m.onnx",
        nodes,
        [value("x", TensorProto.FLOAT, shape)],
        [value("layer", TensorProto.FLOAT, shape)],
    )
    features = OnnxBackbone(path, input=OnnxInput(layout="NHWC", scale=1.0)).features(picture(1, 4, 4))
    np.testing.assert_array_equal(picture(1, 4, 4)[..., ::-1], features)


def test_wrong_pictures_and_missing_files_are_refused(model, tmp_path):
    with pytest.raises(InvalidInput, match="image"):
        OnnxBackbone(model).features(np.zeros((4, 4), np.uint8))
    with pytest.raises(InvalidInput, match="mask"):
        OnnxBackbone(model).features(picture(1), np.ones((3, 3), np.bool_))
    with pytest.raises(ModelNotFound):
        OnnxBackbone(tmp_path / "missing.onnx")
