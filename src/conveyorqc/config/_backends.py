"""Settings of backends that use other people's models: in this process, and behind a URL."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from conveyorqc.anomaly import Retrying
from conveyorqc.config._base import FilePath, Settings
from conveyorqc.core import AnomalyBackend
from conveyorqc.onnx import OnnxBackend, OnnxInput, OnnxMapping
from conveyorqc.remote import HttpBackend, HttpMapping

__all__ = [
    "HttpMappingSettings",
    "HttpSettings",
    "OnnxInputSettings",
    "OnnxMappingSettings",
    "OnnxSettings",
    "RetryingSettings",
]

_Name = Annotated[str, Field(min_length=1)]


class OnnxInputSettings(Settings):
    """See `conveyorqc.onnx.OnnxInput`."""

    name: str | None = None
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    color: Literal["RGB", "BGR", "GRAY"] = "RGB"
    size: tuple[int, int] | None = None
    scale: float | None = Field(default=None, gt=0)
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    background: Literal["keep", "gray"] = "keep"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.build()
        return self

    def build(self) -> OnnxInput:
        """What the network is fed."""
        return OnnxInput(**{name: getattr(self, name) for name in type(self).model_fields})


class OnnxMappingSettings(Settings):
    """See `conveyorqc.onnx.OnnxMapping`."""

    input: OnnxInputSettings = OnnxInputSettings()
    score: str | None = None
    score_column: int | None = Field(default=None, ge=0)
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    label: str | None = None
    anomaly_map: str | None = None
    mask: str | None = None
    threshold: float | None = None
    score_range: tuple[float, float] = (0.0, 1.0)
    higher_is_worse: bool = True
    map_threshold: float | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.build()
        return self

    def build(self) -> OnnxMapping:
        """What the model is fed, and what its outputs mean."""
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        return OnnxMapping(**{**plain, "input": self.input.build()})


class OnnxSettings(Settings):
    """See `conveyorqc.onnx.OnnxBackend`."""

    kind: Literal["onnx"]
    path: FilePath
    mapping: OnnxMappingSettings | None = None
    threads: int = Field(default=1, ge=0)
    providers: tuple[_Name, ...] = Field(default=("CPUExecutionProvider",), min_length=1)
    batch_size: int = Field(default=8, ge=1)

    def build(self) -> AnomalyBackend:
        """The backend, loaded."""
        return OnnxBackend(
            self.path,
            self.mapping.build() if self.mapping else None,
            threads=self.threads,
            providers=self.providers,
            batch_size=self.batch_size,
        )


class HttpMappingSettings(Settings):
    """See `conveyorqc.remote.HttpMapping`."""

    is_anomalous: str | None = "is_anomalous"
    confidence: str | None = "confidence"
    score: str | None = "score"
    anomalies: str | None = "anomalies"
    mask: str | None = "mask"
    model: str | None = "model"
    threshold: float = 0.5
    score_range: tuple[float, float] = (0.0, 1.0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.build()
        return self

    @model_serializer(mode="wrap")
    def _with_nulls(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Null is an answer here and not the default: it stays in files from which nulls are left out elsewhere."""
        return {**dict.fromkeys(type(self).model_fields), **usual(self)}

    def build(self) -> HttpMapping:
        """Where in an answer what stands."""
        return HttpMapping(**{name: getattr(self, name) for name in type(self).model_fields})


class HttpSettings(Settings):
    """See `conveyorqc.remote.HttpBackend`."""

    kind: Literal["http"]
    url: str
    mapping: HttpMappingSettings | None = None
    encoding: Literal["png", "jpeg"] = "png"
    quality: int = Field(default=95, ge=1, le=100)
    headers: dict[str, str] | None = None
    headers_from_env: dict[str, str] | None = None
    timeout_s: float = Field(default=10.0, gt=0)
    connect_timeout_s: float = Field(default=3.0, gt=0)
    max_request_bytes: int = Field(default=4 * 1024 * 1024, ge=1)
    max_response_bytes: int = Field(default=4 * 1024 * 1024, ge=1)
    connections: int = Field(default=4, ge=1)
    ca_file: FilePath | None = None

    def build(self) -> AnomalyBackend:
        """The backend; nothing is sent yet."""
        return HttpBackend(
            self.url,
            mapping=self.mapping.build() if self.mapping else None,
            encoding=self.encoding,
            quality=self.quality,
            headers=self.headers,
            headers_from_env=self.headers_from_env,
            timeout_s=self.timeout_s,
            connect_timeout_s=self.connect_timeout_s,
            max_request_bytes=self.max_request_bytes,
            max_response_bytes=self.max_response_bytes,
            connections=self.connections,
            ca_file=self.ca_file,
        )


class RetryingSettings(Settings):
    """See `conveyorqc.anomaly.Retrying`."""

    kind: Literal["retrying"]
    backend: HttpSettings
    attempts: int = Field(default=3, ge=1)
    wait_s: float = Field(default=0.2, ge=0)
    longest_wait_s: float = Field(default=10.0, ge=0)

    def build(self) -> AnomalyBackend:
        """The backend inside, asked again where that may help."""
        return Retrying(
            self.backend.build(), attempts=self.attempts, wait_s=self.wait_s, longest_wait_s=self.longest_wait_s
        )
