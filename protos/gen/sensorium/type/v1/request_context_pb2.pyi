from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class RequestContext(_message.Message):
    __slots__ = ("request_id", "meas_id", "part_id", "recipe_id", "product_id", "job_id", "station")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MEAS_ID_FIELD_NUMBER: _ClassVar[int]
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPE_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    meas_id: str
    part_id: str
    recipe_id: str
    product_id: str
    job_id: str
    station: str
    def __init__(self, request_id: _Optional[str] = ..., meas_id: _Optional[str] = ..., part_id: _Optional[str] = ..., recipe_id: _Optional[str] = ..., product_id: _Optional[str] = ..., job_id: _Optional[str] = ..., station: _Optional[str] = ...) -> None: ...
