"""Events and the stored crops of their objects, brought together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conveyorqc.anomaly import LocalBackend
from conveyorqc.core import ImageU8, InspectionEvent, Mask, Verdict
from conveyorqc.dataset import StoredCrop
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import read_image
from conveyorqc.learning._candidates import JudgedObject

__all__ = ["judged_objects"]


def judged_objects(
    events: Iterable[InspectionEvent], crops: Sequence[StoredCrop], /, model: LocalBackend | None = None
) -> Iterator[JudgedObject]:
    """The objects of which there are crops, one after another, for `suggest_objects`.

    Args:
        events: of one run, the one that the crops were cut from.
        crops: of the same objects.
        model: judges every view again, and says how new it is. When None the verdict of the event stands for the
            first view, and nothing is disputed or novel.

    Raises:
        InvalidInput: if the events are of several runs.
        ImageError: if a picture cannot be read.
    """
    found = {event.object_id: event for event in events}.values()
    runs = sorted({event.event_id.rpartition("/")[0] for event in found})
    if len(runs) > 1:
        raise InvalidInput(f"events: expected one run, the one of the crops, got {', '.join(runs)}")
    views: dict[int, list[StoredCrop]] = {}
    for crop in crops:
        views.setdefault(crop.object_id, []).append(crop)
    for event in found:
        seen = views.get(event.object_id, [])
        whole = [crop for crop in seen if crop.complete] or seen
        if whole:
            yield _as_told(event, whole[0]) if model is None else _judged(event, whole, model)


def _as_told(event: InspectionEvent, crop: StoredCrop) -> JudgedObject:
    even = Verdict(is_anomalous=False, confidence=0.5)  # nobody could tell
    return JudgedObject(event.event_id, [event.verdict or even], [read_image(crop.path)])


def _judged(event: InspectionEvent, crops: Sequence[StoredCrop], model: LocalBackend) -> JudgedObject:
    pictures = [read_image(crop.path) for crop in crops]
    masks = [None if crop.mask_path is None else _marked(read_image(crop.mask_path)) for crop in crops]
    findings = model.explain(pictures, masks)
    verdicts = [
        Verdict(is_anomalous=(bad := one.score >= model.threshold), confidence=one.score if bad else 1 - one.score)
        for one in findings
    ]
    return JudgedObject(event.event_id, verdicts, pictures, max(one.novelty for one in findings))


def _marked(picture: ImageU8) -> Mask:
    return picture[:, :, 0] > 127
