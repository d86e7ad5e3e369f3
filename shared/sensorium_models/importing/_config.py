"""The Triton configuration of an imported text model: that of the shipped ones."""

from collections.abc import Sequence

__all__ = ["text_config"]

_TEMPLATE = """\
name: "{name}"
backend: "onnxruntime"
max_batch_size: 64
input [ {{ name: "input_ids" data_type: TYPE_INT32 dims: [ -1 ] }} ]
output [ {{ name: "{output}" data_type: TYPE_FP32 dims: [ {dims} ] }} ]
# KIND_AUTO: a GPU where the server has one. One instance: two cores serve several models.
instance_group [ {{ count: 1 kind: KIND_AUTO }} ]
parameters {{ key: "intra_op_thread_count" value {{ string_value: "1" }} }}
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
# Also the canary: health and the watchdog send this sample.
model_warmup [
  {{
    name: "canary"
    batch_size: 1
    inputs {{ key: "input_ids" value {{ data_type: TYPE_INT32 dims: [ 8 ] zero_data: true }} }}
  }}
]
"""


def text_config(name: str, *, output: str, dims: Sequence[int]) -> str:
    """`config.pbtxt` of a text encoder, complete but for what `render_config` adds."""
    return _TEMPLATE.format(name=name, output=output, dims=", ".join(map(str, dims)))
