"""What the responses of all services have in common: the echoed context, the models that ran, and where time went."""

from typing import Any

from google.protobuf import duration_pb2

from sensorium.type.v1 import inference_pb2, model_pb2, request_context_pb2
from sensorium_core.call import Call, Stage, current_call
from sensorium_core.triton import ModelDescription, ServedModel

_NOTHING = duration_pb2.Duration()


def common(given: request_context_pb2.RequestContext) -> dict[str, Any]:
    """The fields `context`, `models` and `timings` of the response to the current call."""
    return without_models(given) | {"models": _models(current_call())}


def without_models(given: request_context_pb2.RequestContext) -> dict[str, Any]:
    """The fields `context` and `timings`, for methods that run no model."""
    call = current_call()
    context = request_context_pb2.RequestContext()
    context.CopyFrom(given)
    context.request_id = call.request_id
    return {"context": context, "timings": _timings(call)}


def model(served: ServedModel, limits: model_pb2.InputLimits, *, default: bool) -> model_pb2.Model:
    """A model as ListModels shows it. Before Triton has been seen with it, only its name is known."""
    description = served.known_description or ModelDescription()
    return model_pb2.Model(
        name=served.name,
        versions=[
            model_pb2.ModelVersion(version=version, ready=ready)
            for version, ready in sorted(served.versions.items(), key=lambda item: (len(item[0]), item[0]))
        ],
        capabilities=[f"CAPABILITY_{capability.upper()}" for capability in description.capabilities],
        labels=description.labels,
        input_limits=limits,
        ready=served.ready,
        default_model=default,
        source=description.source,
        license=description.license,
        circuit_state=f"CIRCUIT_STATE_{served.circuit.name}",
    )


def _models(call: Call) -> list[inference_pb2.ModelUse]:
    return [inference_pb2.ModelUse(name=name, version=call.models[name]) for name in sorted(call.models)]


def _timings(call: Call) -> inference_pb2.Timings:
    durations = {stage.value: _duration(call.stages.get(stage, 0.0)) for stage in Stage}
    return inference_pb2.Timings(total=_duration(call.elapsed()), **durations)


def _duration(seconds: float) -> duration_pb2.Duration:
    if not seconds:
        return _NOTHING
    whole, rest = divmod(round(seconds * 1e6), 1_000_000)
    return duration_pb2.Duration(seconds=whole, nanos=1000 * rest)
