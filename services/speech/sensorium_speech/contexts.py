"""The contexts of responses that no single call has."""

from sensorium.type.v1 import request_context_pb2
from sensorium_core.call import current_call


def stream_context(given: request_context_pb2.RequestContext) -> request_context_pb2.RequestContext:
    """The context of a stream's events."""
    context = request_context_pb2.RequestContext()
    context.CopyFrom(given)
    context.request_id = current_call().request_id
    return context
