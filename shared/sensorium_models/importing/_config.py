"""The Triton configurations of imported models: those of the shipped ones."""

from collections.abc import Sequence

__all__ = ["speech_config", "text_config"]

# What all of them have.
_INSTANCES = """\
# KIND_AUTO: a GPU where the server has one. One instance: two cores serve several models.
instance_group [ {{ count: 1 kind: KIND_AUTO }} ]
"""
_ONE_THREAD = """\
parameters {{ key: "intra_op_thread_count" value {{ string_value: "1" }} }}
"""
_PARALLEL_RUNS = """\
# A run that is alone has both cores, and takes a third less time; otherwise two at a time have one each. More than 16
# sequences a run make none cheaper.
parameters {{ key: "intra_op_thread_count" value {{ string_value: "2" }} }}
parameters {{ key: "rows_per_run" value {{ string_value: "16" }} }}
parameters {{ key: "parallel_runs" value {{ string_value: "2" }} }}
"""
_BATCHING = """\
dynamic_batching {{
  # Waiting for more requests would be paid in full when idle; under load the queue fills batches by itself.
  max_queue_delay_microseconds: 0
  # Level 1 is the canary's: health must not queue behind callers.
  priority_levels: 2
  default_priority_level: 2
  default_queue_policy {{
    timeout_action: REJECT
    default_timeout_microseconds: 30000000
    allow_timeout_override: true
    max_queue_size: 256
  }}
}}
"""

_TEXT = (
    """\
name: "{name}"
backend: "onnxruntime"
max_batch_size: 64
input [ {{ name: "input_ids" data_type: TYPE_INT32 dims: [ -1 ] }} ]
output [ {{ name: "{output}" data_type: TYPE_FP32 dims: [ {dims} ] }} ]
"""
    + _INSTANCES
    + _PARALLEL_RUNS
    + _BATCHING
    + """\
# Also the canary: health and the watchdog send this sample.
model_warmup [
  {{
    name: "canary"
    batch_size: 1
    inputs {{ key: "input_ids" value {{ data_type: TYPE_INT32 dims: [ 8 ] zero_data: true }} }}
  }}
]
"""
)


def text_config(name: str, *, output: str, dims: Sequence[int]) -> str:
    """`config.pbtxt` of a text encoder, complete but for what `render_config` adds."""
    return _TEXT.format(name=name, output=output, dims=", ".join(map(str, dims)))


_SPEECH = (
    """\
name: "{name}"
backend: "python"
# On a processor a row of a large network takes many seconds: more of them would hold up others for too long.
max_batch_size: 2
input [
  # Ragged: recordings of every length share a batch, and the model pads them itself.
{inputs}
]
output [
{outputs}
]
"""
    + _INSTANCES
    + _ONE_THREAD
    + """\
# So long a canary may wait for what is being heard.
parameters {{ key: "canary_seconds" value {{ string_value: "60" }} }}
"""
    + _BATCHING
    + """\
# Also the canary: health and the watchdog send this sample. A length of 0 stands for the whole row.
model_warmup [
  {{
    name: "canary"
    batch_size: 1
    inputs {{ key: "pcm" value {{ data_type: TYPE_INT16 dims: [ {canary} ] zero_data: true }} }}
    inputs {{ key: "lengths" value {{ data_type: TYPE_INT32 dims: [ 1 ] zero_data: true }} }}
  }}
]
"""
)
# Type, dims behind the batch, and whether rows of all lengths share a batch.
_SPEECH_INPUTS = {
    "pcm": ("INT16", "-1", True),
    "lengths": ("INT32", "1", False),
    "beams": ("INT32", "1", False),
    "language": ("INT32", "1", False),
    "prefix": ("INT32", "-1", True),
    "phrases": ("UINT8", "-1, -1", True),
    "boosts": ("FP32", "-1", True),
}
_SPEECH_OUTPUTS = {
    "tokens": ("INT32", "-1, -1"),
    "log_probabilities": ("FP32", "-1, -1"),
    "scores": ("FP32", "-1"),
    "finished": ("BOOL", "-1"),
}
_TIMES = {"begins": ("INT32", "-1, -1"), "ends": ("INT32", "-1, -1")}


def speech_config(name: str, *, inputs: Sequence[str], times: bool = False, canary: int = 16_000) -> str:
    """`config.pbtxt` of a model that writes speech down, complete but for what `render_config` adds.

    Args:
        name: Of the model.
        inputs: Those that it takes besides the sound.
        times: Whether it knows when each token was said.
        canary: Samples of the canary's silence.
    """
    wanted = {key: _SPEECH_INPUTS[key] for key in ("pcm", "lengths", *inputs)}
    written = [
        f'  {{ name: "{key}" data_type: TYPE_{kind} dims: [ {dims} ]'
        + (" optional: true" if key in inputs else "")
        + (" allow_ragged_batch: true" if ragged else "")
        + " }"
        for key, (kind, dims, ragged) in wanted.items()
    ]
    outputs = _SPEECH_OUTPUTS | (_TIMES if times else {})
    given = [f'  {{ name: "{key}" data_type: TYPE_{kind} dims: [ {dims} ] }}' for key, (kind, dims) in outputs.items()]
    return _SPEECH.format(name=name, inputs=",\n".join(written), outputs=",\n".join(given), canary=canary)
