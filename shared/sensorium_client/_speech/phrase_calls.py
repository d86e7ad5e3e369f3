"""The methods for kept phrase sets (AIP-131 to 135), described once for both clients.

Those that change something are not repeated when they fail: the first attempt may have gone through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._call import Call
from sensorium_client._context import RequestContext, context_message
from sensorium_client._message import build
from sensorium_client._retry import NO_RETRIES
from sensorium_client._speech import responses
from sensorium_client._speech.phrases import PhraseSet, PhraseSetPage, resource_name


def create_phrase_set(
    phrase_set: PhraseSet,
    phrase_set_id: str = "",
    *,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[PhraseSet]:
    """Keep a phrase set under a name; its own name, etag and times are ignored.

    Args:
        phrase_set: the set, with at least one phrase.
        phrase_set_id: the end of its name: 4 to 63 lower-case letters, digits and hyphens; empty for one that the
            service makes up.
        context: identifiers for the log.
        deadline: seconds until the answer must be here; None for the client's default.

    Raises:
        PreconditionError: PHRASE_SET_EXISTS.
        SensoriumError: the call failed; its class says how. It is not repeated.
    """
    request = build(
        pb.CreatePhraseSetRequest,
        {
            "context": context_message(context),
            "phrase_set_id": phrase_set_id,
            "phrase_set": phrase_set.to_fields(),
        },
    )
    return Call(lambda stubs: stubs.service.CreatePhraseSet, request, PhraseSet.from_proto, deadline, NO_RETRIES)


def get_phrase_set(
    name: str, *, context: RequestContext | None = None, deadline: float | None = None
) -> Call[PhraseSet]:
    """Give a kept phrase set.

    Args:
        name: its name, or its id.
        context: identifiers for the log.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        NotFoundError: PHRASE_SET_NOT_FOUND.
        SensoriumError: the call failed; its class says how.
    """
    fields = {"context": context_message(context), "name": resource_name(name)}
    request = build(pb.GetPhraseSetRequest, fields)
    return Call(lambda stubs: stubs.service.GetPhraseSet, request, PhraseSet.from_proto, deadline)


def list_phrase_sets(
    page_size: int = 0,
    page_token: str = "",
    *,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[PhraseSetPage]:
    """List kept phrase sets by name, page by page.

    Args:
        page_size: how many at most, up to 100; 0 for the server's default, 20.
        page_token: the `next_page_token` of the page before; empty for the first page.
        context: identifiers for the log.
        deadline: seconds until the answer must be here, retries included; None for the client's default.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    fields = {"context": context_message(context), "page_size": page_size, "page_token": page_token}
    request = build(pb.ListPhraseSetsRequest, fields)
    return Call(lambda stubs: stubs.service.ListPhraseSets, request, responses.phrase_set_page, deadline)


def update_phrase_set(
    phrase_set: PhraseSet,
    update_mask: Sequence[str] = (),
    *,
    allow_missing: bool = False,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[PhraseSet]:
    """Change a kept phrase set; where `phrase_set` has an etag, only if the kept one still has it.

    Args:
        phrase_set: its name says which, its fields have the new values.
        update_mask: which fields change, such as `phrases`; `*` for all; empty for those that are not empty.
        allow_missing: create the set when it does not exist.
        context: identifiers for the log.
        deadline: seconds until the answer must be here; None for the client's default.

    Raises:
        PreconditionError: ETAG_MISMATCH.
        NotFoundError: PHRASE_SET_NOT_FOUND.
        SensoriumError: the call failed; its class says how. It is not repeated.
    """
    fields = {**phrase_set.to_fields(), "name": resource_name(phrase_set.name)}
    request = build(
        pb.UpdatePhraseSetRequest,
        {"context": context_message(context), "phrase_set": fields, "allow_missing": allow_missing},
    )
    if update_mask:
        request.update_mask.CopyFrom(build(FieldMask, {"paths": list(update_mask)}, "update_mask"))
    return Call(lambda stubs: stubs.service.UpdatePhraseSet, request, PhraseSet.from_proto, deadline, NO_RETRIES)


def delete_phrase_set(
    name: str,
    *,
    etag: str = "",
    allow_missing: bool = False,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[None]:
    """Remove a kept phrase set.

    Args:
        name: its name, or its id.
        etag: remove it only if it still has this one; empty for any.
        allow_missing: it is no error that it does not exist.
        context: identifiers for the log.
        deadline: seconds until the answer must be here; None for the client's default.

    Raises:
        PreconditionError: ETAG_MISMATCH.
        NotFoundError: PHRASE_SET_NOT_FOUND.
        SensoriumError: the call failed; its class says how. It is not repeated.
    """
    fields: dict[str, Any] = {"name": resource_name(name), "etag": etag, "allow_missing": allow_missing}
    request = build(pb.DeletePhraseSetRequest, {"context": context_message(context), **fields})
    return Call(lambda stubs: stubs.service.DeletePhraseSet, request, _nothing, deadline, NO_RETRIES)


def _nothing(_: Any) -> None:
    return None
