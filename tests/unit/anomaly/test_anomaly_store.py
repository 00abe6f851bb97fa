from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conveyorqc.anomaly import LocalBackend, LocalTexture
from conveyorqc.errors import CorruptModel, ModelError, ModelNotFound, ModelVersionError


def rewrite_card(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the JSON file and make its checksum right again."""
    path = folder / "model.json"
    card = json.loads(path.read_bytes())
    card.pop("sha256")
    change(card)
    text = json.dumps(card, sort_keys=True)
    path.write_text(json.dumps({**card, "sha256": hashlib.sha256(text.encode()).hexdigest()}), encoding="utf-8")


def rewrite_arrays(folder: Path, change: Callable[[dict[str, np.ndarray]], object], *, shapes: bool = False) -> None:
    """Change the arrays and make all checksums (and, if asked, the declared shapes) right again."""
    with np.load(folder / "model.npz") as archive:
        arrays = dict(archive)
    change(arrays)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    replace_npz(folder, buffer.getvalue())
    if shapes:
        rewrite_card(folder, lambda card: card.update(arrays=declared(arrays)))


def declared(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    return {name: {"shape": list(array.shape), "dtype": array.dtype.name} for name, array in arrays.items()}


def replace_npz(folder: Path, data: bytes) -> None:
    (folder / "model.npz").write_bytes(data)
    rewrite_card(folder, lambda card: card.update(npz_sha256=hashlib.sha256(data).hexdigest()))


@pytest.mark.parametrize("kind", ["fused", "one_class", "masked"])
def test_a_loaded_model_gives_the_same_scores(kind: str, request, tmp_path: Path, draw) -> None:
    backend: LocalBackend = request.getfixturevalue(kind)
    pictures = [draw(900), draw(901, "anomaly"), draw(902)]

    backend.save(tmp_path / "model")
    loaded = LocalBackend.load(tmp_path / "model")

    assert [v.score for v in loaded.inspect(pictures)] == [v.score for v in backend.inspect(pictures)]
    assert loaded.fingerprint == backend.fingerprint
    assert loaded.threshold == backend.threshold
    assert loaded.report.scores.tolist() == backend.report.scores.tolist()
    assert loaded.report.is_anomalous.tolist() == backend.report.is_anomalous.tolist()
    assert loaded.report.object_ids == backend.report.object_ids
    assert loaded.report.mode == backend.report.mode
    assert loaded.class_names == backend.class_names


def test_loading_and_judging_needs_no_scikit_learn(saved: Path, draw, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)

    assert LocalBackend.load(saved).inspect([draw(1, "anomaly")])[0].is_anomalous


def test_saving_again_replaces_the_model_and_leaves_nothing_behind(saved: Path, one_class: LocalBackend) -> None:
    one_class.save(saved)

    assert LocalBackend.load(saved).fingerprint == one_class.fingerprint
    assert sorted(path.name for path in saved.iterdir()) == ["model.json", "model.npz"]


def test_the_same_model_makes_the_same_files(fused: LocalBackend, saved: Path, tmp_path: Path) -> None:
    fused.save(tmp_path / "again")

    for name in ("model.json", "model.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes()


def test_the_json_file_says_what_the_model_is(saved: Path, fused: LocalBackend) -> None:
    card = json.loads((saved / "model.json").read_bytes())

    assert card["format"] == "conveyorqc-local-model"
    assert card["version"] == 2
    assert card["recipe"] == {"name": "outline-surface-relief-texture", "version": 2}
    assert card["backbone"] == "local-texture/1"
    assert card["fingerprint"] == fused.fingerprint
    assert card["classes"] == ["normal", "anomaly"]
    assert card["threshold"] == 0.5


def test_a_mixture_of_two_models_is_noticed(saved: Path, one_class: LocalBackend, tmp_path: Path) -> None:
    one_class.save(tmp_path / "other")
    (tmp_path / "other" / "model.npz").replace(saved / "model.npz")

    with pytest.raises(CorruptModel, match="SHA-256 is not the one in"):
        LocalBackend.load(saved)


def test_a_failed_save_leaves_the_old_model(saved: Path, one_class, fused, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="cannot be written: No space left"):
        one_class.save(saved)

    assert LocalBackend.load(saved).fingerprint == fused.fingerprint
    assert sorted(path.name for path in saved.iterdir()) == ["model.json", "model.npz"]


def test_a_folder_that_cannot_be_made_is_an_error(fused: LocalBackend, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(ModelError, match="cannot be written"):
        fused.save(tmp_path / "file" / "model")


@pytest.mark.parametrize("name", ["model.json", "model.npz"])
def test_a_missing_file_is_no_model(saved: Path, name: str) -> None:
    (saved / name).unlink()

    with pytest.raises(ModelNotFound, match=name):
        LocalBackend.load(saved)


def test_a_missing_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LocalBackend.load(tmp_path / "nowhere")


def test_a_folder_in_place_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "model.json").mkdir()

    with pytest.raises(CorruptModel, match="cannot be read"):
        LocalBackend.load(tmp_path)


@pytest.mark.parametrize("name", ["model.json", "model.npz"])
def test_a_file_larger_than_any_model_is_not_read_whole(
    saved: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conveyorqc.anomaly._archive._LARGEST_BYTES", (saved / name).stat().st_size - 1)

    with pytest.raises(CorruptModel, match=f"{name}: expected at most"):
        LocalBackend.load(saved)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe", b"[1]", b'{"format": "other"}', b"[" * 100_000, b"123", b'"' + b"1" * 9999 + b'"']
)
def test_json_of_something_else_is_corrupt(saved: Path, text: bytes) -> None:
    (saved / "model.json").write_bytes(text)

    with pytest.raises(CorruptModel):
        LocalBackend.load(saved)


def test_a_changed_number_in_the_json_file_is_noticed(saved: Path) -> None:
    text = (saved / "model.json").read_text(encoding="utf-8")
    (saved / "model.json").write_text(text.replace('"threshold": 0.5', '"threshold": 0.9'), encoding="utf-8")

    with pytest.raises(CorruptModel, match="do not match its SHA-256"):
        LocalBackend.load(saved)


def test_a_newer_format_is_named(saved: Path) -> None:
    rewrite_card(saved, lambda card: card.update(version=3, recipe="anything"))

    with pytest.raises(ModelVersionError, match="expected format version 2 or older, got 3"):
        LocalBackend.load(saved)


def test_another_recipe_asks_for_training(saved: Path) -> None:
    rewrite_card(saved, lambda card: card.update(recipe={"name": "outline-surface-relief", "version": 1}))

    with pytest.raises(ModelVersionError, match="train it again"):
        LocalBackend.load(saved)


@pytest.mark.parametrize(
    "change",
    [
        {"head": "guess"},
        {"head": ["full"]},
        {"framing": "none"},
        {"pose": "upside-down"},
        {"mode": 3},
        {"side": 0},
        {"side": "wide"},
        {"class_names": ["scratch"]},
        {"class_names": None},
        {"threshold": 1.5},
        {"threshold": None},
        {"threshold": float("nan")},
        {"arrays": {}},
        {"arrays": []},
        {"arrays": {"usual": "abc"}},
        {"arrays": {"usual": {"shape": [10**30], "dtype": "float64"}}},
        {"arrays": {"usual": {"shape": [6], "dtype": "object"}}},
        {"object_ids": [1]},
        {"object_ids": 7},
    ],
)
def test_a_card_that_contradicts_the_arrays_is_corrupt(saved: Path, change: dict[str, Any]) -> None:
    rewrite_card(saved, lambda card: card.update(change))

    with pytest.raises(CorruptModel):
        LocalBackend.load(saved)


@pytest.mark.parametrize("field", ["head", "arrays", "object_ids", "npz_sha256", "fingerprint"])
def test_a_card_that_lacks_a_field_is_corrupt(saved: Path, field: str) -> None:
    rewrite_card(saved, lambda card: card.pop(field))

    with pytest.raises(CorruptModel):
        LocalBackend.load(saved)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_corrupt(saved: Path, value: float) -> None:
    def spoil(arrays: dict[str, np.ndarray]) -> None:
        arrays["usual"][0] = value

    rewrite_arrays(saved, spoil)

    with pytest.raises(CorruptModel, match="expected finite numbers"):
        LocalBackend.load(saved)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.dtype(">f8")])
def test_another_type_of_number_is_corrupt(saved: Path, dtype) -> None:
    rewrite_arrays(saved, lambda arrays: arrays.update(usual=arrays["usual"].astype(dtype)))

    with pytest.raises(CorruptModel):
        LocalBackend.load(saved)


def test_objects_in_place_of_numbers_are_never_unpickled(saved: Path) -> None:
    rewrite_arrays(saved, lambda arrays: arrays.update(usual=np.array([print, 2, 3], dtype=object)))

    with pytest.raises(CorruptModel):
        LocalBackend.load(saved)


def test_an_array_of_the_wrong_shape_is_corrupt_whatever_the_card_says(saved: Path) -> None:
    rewrite_arrays(saved, lambda arrays: arrays.update(usual=np.zeros(4)), shapes=True)

    with pytest.raises(CorruptModel, match=r"usual: expected shape \(6,\), got \(4,\)"):
        LocalBackend.load(saved)


def test_an_array_of_another_shape_than_declared_is_corrupt(saved: Path) -> None:
    rewrite_arrays(saved, lambda arrays: arrays.update(usual=np.zeros((6, 1))))

    with pytest.raises(CorruptModel, match=r"expected float64 of shape \(6,\)"):
        LocalBackend.load(saved)


def test_arrays_in_column_order_are_read_right(saved: Path, fused: LocalBackend, draw) -> None:
    rewrite_arrays(saved, lambda arrays: arrays.update({n: np.asfortranarray(a) for n, a in arrays.items()}))

    score = LocalBackend.load(saved).inspect([draw(1, "anomaly")])[0].score

    assert score == pytest.approx(fused.inspect([draw(1, "anomaly")])[0].score, abs=1e-6)


def test_a_bomb_is_not_unpacked(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(saved / "model.npz") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["usual.npy"] += bytes(50_000_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    replace_npz(saved, buffer.getvalue())

    with pytest.raises(CorruptModel, match=r"usual\.npy: expected 48 bytes"):
        LocalBackend.load(saved)
    monkeypatch.setattr("conveyorqc.anomaly._archive._LARGEST_BYTES", 1_000_000)
    with pytest.raises(CorruptModel, match="expected at most 1000000 bytes of arrays"):
        LocalBackend.load(saved)


def test_an_npz_file_that_is_no_zip_is_corrupt(saved: Path) -> None:
    replace_npz(saved, b"not a zip file")

    with pytest.raises(CorruptModel, match="expected a zip file"):
        LocalBackend.load(saved)


def test_a_bank_without_places_is_corrupt(saved: Path) -> None:
    rewrite_arrays(saved, lambda arrays: arrays.update(bank_vectors=arrays["bank_vectors"][:0]), shapes=True)

    with pytest.raises(CorruptModel, match="bank_vectors: expected one or more"):
        LocalBackend.load(saved)


def test_a_model_of_another_backbone_says_which_it_needs(saved: Path) -> None:
    class Other(LocalTexture):
        name = "other/1"

    with pytest.raises(ModelError, match="expected the backbone 'local-texture/1', got 'other/1'"):
        LocalBackend.load(saved, backbone=Other())


def test_a_model_is_small(saved: Path) -> None:
    assert sum(path.stat().st_size for path in saved.iterdir()) < 4_000_000
