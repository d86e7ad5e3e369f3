"""The texts of StreamAnnotateText and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client._context import RequestContext, context_message
from sensorium_client._errors import SensoriumError
from sensorium_client._message import build
from sensorium_client._stream import StreamSession
from sensorium_client._text.options import TextFeature, feature_fields
from sensorium_client._text.responses import annotate_result
from sensorium_client._text.results import TextItemResult


@dataclass(frozen=True)
class TextItem:
    """A text of a stream, with a name and identifiers of its own."""

    text: str
    item_id: str = ""
    """Comes back with the result; at most 256 characters are kept."""
    context: RequestContext | None = None
    """Goes before the stream's context, field by field."""


AnyText: TypeAlias = TextItem | str


class TextSession(StreamSession[AnyText, pb.StreamAnnotateTextRequest, pb.StreamAnnotateTextResponse, TextItemResult]):
    """A stream of texts."""

    noun: ClassVar[str] = "text"

    def __init__(
        self,
        features: Iterable[TextFeature],
        *,
        language_code: str = "",
        context: RequestContext | None = None,
        max_in_flight: int = 0,
    ) -> None:
        """Note the configuration.

        Raises:
            InvalidInputError: a feature is given twice, or is no options object.
        """
        config = {
            "context": context_message(context),
            "language_code": language_code,
            "encoding_type": pb.ENCODING_TYPE_UTF32,
            "options": feature_fields(features),
            "max_in_flight": max_in_flight,
        }
        message = build(pb.StreamAnnotateTextConfig, config)
        super().__init__(lambda stubs: stubs.service.StreamAnnotateText, pb.StreamAnnotateTextRequest(config=message))

    def _id(self, item: AnyText) -> str:
        return item.item_id if isinstance(item, TextItem) else ""

    def _request(self, item: AnyText) -> pb.StreamAnnotateTextRequest:
        own = item if isinstance(item, TextItem) else TextItem(item)
        fields = {"item_id": own.item_id, "context": context_message(own.context), "text": own.text}
        return pb.StreamAnnotateTextRequest(item=build(pb.StreamTextItem, fields))

    def _answered(
        self, sequence: int, response: pb.StreamAnnotateTextResponse, error: SensoriumError | None
    ) -> TextItemResult:
        annotation = None if error else annotate_result(response.annotation)
        return TextItemResult(sequence, response.item_id, annotation, error)

    def _not_sent(self, sequence: int, item_id: str, error: SensoriumError) -> TextItemResult:
        return TextItemResult(sequence, item_id, None, error)
