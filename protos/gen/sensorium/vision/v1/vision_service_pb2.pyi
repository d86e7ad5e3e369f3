from buf.validate import validate_pb2 as _validate_pb2
from google.rpc import status_pb2 as _status_pb2
from sensorium.type.v1 import geometry_pb2 as _geometry_pb2
from sensorium.type.v1 import image_pb2 as _image_pb2
from sensorium.type.v1 import inference_pb2 as _inference_pb2
from sensorium.type.v1 import model_pb2 as _model_pb2
from sensorium.type.v1 import request_context_pb2 as _request_context_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Symbology(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SYMBOLOGY_UNSPECIFIED: _ClassVar[Symbology]
    SYMBOLOGY_QR_CODE: _ClassVar[Symbology]
    SYMBOLOGY_MICRO_QR_CODE: _ClassVar[Symbology]
    SYMBOLOGY_RMQR_CODE: _ClassVar[Symbology]
    SYMBOLOGY_DATA_MATRIX: _ClassVar[Symbology]
    SYMBOLOGY_AZTEC: _ClassVar[Symbology]
    SYMBOLOGY_PDF417: _ClassVar[Symbology]
    SYMBOLOGY_MAXICODE: _ClassVar[Symbology]
    SYMBOLOGY_CODE_128: _ClassVar[Symbology]
    SYMBOLOGY_CODE_39: _ClassVar[Symbology]
    SYMBOLOGY_CODE_93: _ClassVar[Symbology]
    SYMBOLOGY_CODABAR: _ClassVar[Symbology]
    SYMBOLOGY_EAN_13: _ClassVar[Symbology]
    SYMBOLOGY_EAN_8: _ClassVar[Symbology]
    SYMBOLOGY_UPC_A: _ClassVar[Symbology]
    SYMBOLOGY_UPC_E: _ClassVar[Symbology]
    SYMBOLOGY_ITF: _ClassVar[Symbology]
    SYMBOLOGY_GS1_DATABAR: _ClassVar[Symbology]
    SYMBOLOGY_OTHER_LINEAR: _ClassVar[Symbology]
SYMBOLOGY_UNSPECIFIED: Symbology
SYMBOLOGY_QR_CODE: Symbology
SYMBOLOGY_MICRO_QR_CODE: Symbology
SYMBOLOGY_RMQR_CODE: Symbology
SYMBOLOGY_DATA_MATRIX: Symbology
SYMBOLOGY_AZTEC: Symbology
SYMBOLOGY_PDF417: Symbology
SYMBOLOGY_MAXICODE: Symbology
SYMBOLOGY_CODE_128: Symbology
SYMBOLOGY_CODE_39: Symbology
SYMBOLOGY_CODE_93: Symbology
SYMBOLOGY_CODABAR: Symbology
SYMBOLOGY_EAN_13: Symbology
SYMBOLOGY_EAN_8: Symbology
SYMBOLOGY_UPC_A: Symbology
SYMBOLOGY_UPC_E: Symbology
SYMBOLOGY_ITF: Symbology
SYMBOLOGY_GS1_DATABAR: Symbology
SYMBOLOGY_OTHER_LINEAR: Symbology

class ClassifyOptions(_message.Message):
    __slots__ = ("model", "top_k", "min_score")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    MIN_SCORE_FIELD_NUMBER: _ClassVar[int]
    model: str
    top_k: int
    min_score: float
    def __init__(self, model: _Optional[str] = ..., top_k: _Optional[int] = ..., min_score: _Optional[float] = ...) -> None: ...

class EmbedOptions(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: str
    def __init__(self, model: _Optional[str] = ...) -> None: ...

class ReadTextOptions(_message.Message):
    __slots__ = ("model", "side_limit", "min_confidence", "expected_pattern")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SIDE_LIMIT_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_PATTERN_FIELD_NUMBER: _ClassVar[int]
    model: str
    side_limit: int
    min_confidence: float
    expected_pattern: str
    def __init__(self, model: _Optional[str] = ..., side_limit: _Optional[int] = ..., min_confidence: _Optional[float] = ..., expected_pattern: _Optional[str] = ...) -> None: ...

class ReadCodesOptions(_message.Message):
    __slots__ = ("model", "symbologies", "include_unreadable")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SYMBOLOGIES_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    model: str
    symbologies: _containers.RepeatedScalarFieldContainer[Symbology]
    include_unreadable: bool
    def __init__(self, model: _Optional[str] = ..., symbologies: _Optional[_Iterable[_Union[Symbology, str]]] = ..., include_unreadable: _Optional[bool] = ...) -> None: ...

class AnnotateOptions(_message.Message):
    __slots__ = ("classify", "embed", "read_text", "read_codes")
    CLASSIFY_FIELD_NUMBER: _ClassVar[int]
    EMBED_FIELD_NUMBER: _ClassVar[int]
    READ_TEXT_FIELD_NUMBER: _ClassVar[int]
    READ_CODES_FIELD_NUMBER: _ClassVar[int]
    classify: ClassifyOptions
    embed: EmbedOptions
    read_text: ReadTextOptions
    read_codes: ReadCodesOptions
    def __init__(self, classify: _Optional[_Union[ClassifyOptions, _Mapping]] = ..., embed: _Optional[_Union[EmbedOptions, _Mapping]] = ..., read_text: _Optional[_Union[ReadTextOptions, _Mapping]] = ..., read_codes: _Optional[_Union[ReadCodesOptions, _Mapping]] = ...) -> None: ...

class Label(_message.Message):
    __slots__ = ("index", "name", "score")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    index: int
    name: str
    score: float
    def __init__(self, index: _Optional[int] = ..., name: _Optional[str] = ..., score: _Optional[float] = ...) -> None: ...

class Embedding(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class Character(_message.Message):
    __slots__ = ("text", "confidence")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    text: str
    confidence: float
    def __init__(self, text: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class TextLine(_message.Message):
    __slots__ = ("text", "confidence", "polygon", "rotation", "characters", "matches_pattern", "matched_text")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    POLYGON_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    MATCHES_PATTERN_FIELD_NUMBER: _ClassVar[int]
    MATCHED_TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    confidence: float
    polygon: _geometry_pb2.Polygon
    rotation: float
    characters: _containers.RepeatedCompositeFieldContainer[Character]
    matches_pattern: bool
    matched_text: str
    def __init__(self, text: _Optional[str] = ..., confidence: _Optional[float] = ..., polygon: _Optional[_Union[_geometry_pb2.Polygon, _Mapping]] = ..., rotation: _Optional[float] = ..., characters: _Optional[_Iterable[_Union[Character, _Mapping]]] = ..., matches_pattern: _Optional[bool] = ..., matched_text: _Optional[str] = ...) -> None: ...

class Code(_message.Message):
    __slots__ = ("symbology", "text", "raw_bytes", "polygon", "symbology_identifier", "readable", "detection_score")
    SYMBOLOGY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RAW_BYTES_FIELD_NUMBER: _ClassVar[int]
    POLYGON_FIELD_NUMBER: _ClassVar[int]
    SYMBOLOGY_IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    READABLE_FIELD_NUMBER: _ClassVar[int]
    DETECTION_SCORE_FIELD_NUMBER: _ClassVar[int]
    symbology: Symbology
    text: str
    raw_bytes: bytes
    polygon: _geometry_pb2.Polygon
    symbology_identifier: str
    readable: bool
    detection_score: float
    def __init__(self, symbology: _Optional[_Union[Symbology, str]] = ..., text: _Optional[str] = ..., raw_bytes: _Optional[bytes] = ..., polygon: _Optional[_Union[_geometry_pb2.Polygon, _Mapping]] = ..., symbology_identifier: _Optional[str] = ..., readable: _Optional[bool] = ..., detection_score: _Optional[float] = ...) -> None: ...

class ClassifyRequest(_message.Message):
    __slots__ = ("context", "image", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    image: _image_pb2.Image
    options: ClassifyOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., options: _Optional[_Union[ClassifyOptions, _Mapping]] = ...) -> None: ...

class ClassifyResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "image_size", "labels")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    image_size: _image_pb2.ImageSize
    labels: _containers.RepeatedCompositeFieldContainer[Label]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., image_size: _Optional[_Union[_image_pb2.ImageSize, _Mapping]] = ..., labels: _Optional[_Iterable[_Union[Label, _Mapping]]] = ...) -> None: ...

class EmbedRequest(_message.Message):
    __slots__ = ("context", "image", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    image: _image_pb2.Image
    options: EmbedOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., options: _Optional[_Union[EmbedOptions, _Mapping]] = ...) -> None: ...

class EmbedResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "image_size", "embedding")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    image_size: _image_pb2.ImageSize
    embedding: Embedding
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., image_size: _Optional[_Union[_image_pb2.ImageSize, _Mapping]] = ..., embedding: _Optional[_Union[Embedding, _Mapping]] = ...) -> None: ...

class ReadTextRequest(_message.Message):
    __slots__ = ("context", "image", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    image: _image_pb2.Image
    options: ReadTextOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., options: _Optional[_Union[ReadTextOptions, _Mapping]] = ...) -> None: ...

class ReadTextResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "image_size", "lines")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    image_size: _image_pb2.ImageSize
    lines: _containers.RepeatedCompositeFieldContainer[TextLine]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., image_size: _Optional[_Union[_image_pb2.ImageSize, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[TextLine, _Mapping]]] = ...) -> None: ...

class ReadCodesRequest(_message.Message):
    __slots__ = ("context", "image", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    image: _image_pb2.Image
    options: ReadCodesOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., options: _Optional[_Union[ReadCodesOptions, _Mapping]] = ...) -> None: ...

class ReadCodesResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "image_size", "codes")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    image_size: _image_pb2.ImageSize
    codes: _containers.RepeatedCompositeFieldContainer[Code]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., image_size: _Optional[_Union[_image_pb2.ImageSize, _Mapping]] = ..., codes: _Optional[_Iterable[_Union[Code, _Mapping]]] = ...) -> None: ...

class AnnotateRequest(_message.Message):
    __slots__ = ("context", "image", "options")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    image: _image_pb2.Image
    options: AnnotateOptions
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., options: _Optional[_Union[AnnotateOptions, _Mapping]] = ...) -> None: ...

class AnnotateResponse(_message.Message):
    __slots__ = ("context", "models", "timings", "image_size", "labels", "embedding", "lines", "codes")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    models: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelUse]
    timings: _inference_pb2.Timings
    image_size: _image_pb2.ImageSize
    labels: _containers.RepeatedCompositeFieldContainer[Label]
    embedding: Embedding
    lines: _containers.RepeatedCompositeFieldContainer[TextLine]
    codes: _containers.RepeatedCompositeFieldContainer[Code]
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., models: _Optional[_Iterable[_Union[_inference_pb2.ModelUse, _Mapping]]] = ..., timings: _Optional[_Union[_inference_pb2.Timings, _Mapping]] = ..., image_size: _Optional[_Union[_image_pb2.ImageSize, _Mapping]] = ..., labels: _Optional[_Iterable[_Union[Label, _Mapping]]] = ..., embedding: _Optional[_Union[Embedding, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[TextLine, _Mapping]]] = ..., codes: _Optional[_Iterable[_Union[Code, _Mapping]]] = ...) -> None: ...

class StreamAnnotateConfig(_message.Message):
    __slots__ = ("context", "options", "max_in_flight")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    context: _request_context_pb2.RequestContext
    options: AnnotateOptions
    max_in_flight: int
    def __init__(self, context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., options: _Optional[_Union[AnnotateOptions, _Mapping]] = ..., max_in_flight: _Optional[int] = ...) -> None: ...

class StreamFrame(_message.Message):
    __slots__ = ("frame_id", "context", "image")
    FRAME_ID_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    frame_id: str
    context: _request_context_pb2.RequestContext
    image: _image_pb2.Image
    def __init__(self, frame_id: _Optional[str] = ..., context: _Optional[_Union[_request_context_pb2.RequestContext, _Mapping]] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ...) -> None: ...

class StreamAnnotateRequest(_message.Message):
    __slots__ = ("config", "frame")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    config: StreamAnnotateConfig
    frame: StreamFrame
    def __init__(self, config: _Optional[_Union[StreamAnnotateConfig, _Mapping]] = ..., frame: _Optional[_Union[StreamFrame, _Mapping]] = ...) -> None: ...

class StreamAnnotateResponse(_message.Message):
    __slots__ = ("sequence", "frame_id", "status", "annotation")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FRAME_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ANNOTATION_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    frame_id: str
    status: _status_pb2.Status
    annotation: AnnotateResponse
    def __init__(self, sequence: _Optional[int] = ..., frame_id: _Optional[str] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., annotation: _Optional[_Union[AnnotateResponse, _Mapping]] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models",)
    MODELS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[_model_pb2.Model]
    def __init__(self, models: _Optional[_Iterable[_Union[_model_pb2.Model, _Mapping]]] = ...) -> None: ...
