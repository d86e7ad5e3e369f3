"""Torch networks written as ONNX graphs that every server we support can read."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from sensorium_models.graph import Dim, rename_values, seal

if TYPE_CHECKING:
    import onnx
    from torch import Tensor, nn

__all__ = ["BATCH_SAMPLE", "export_graph", "export_text_encoder", "padded_sample"]

# torch.export takes a dimension of the sample that is 0 or 1 as fixed.
BATCH_SAMPLE, _TOKENS_SAMPLE = 2, 7


def export_graph(
    network: nn.Module, inputs: Mapping[str, tuple[Tensor, Sequence[Dim]]], outputs: Sequence[str]
) -> onnx.ModelProto:
    """The sealed graph of `network` in evaluation.

    Args:
        network: Takes the inputs by position and gives the outputs, one tensor or a tuple.
        inputs: By served name: a sample, and its dims behind the batch; a dimension given as text is dynamic.
        outputs: Served names of the outputs.

    Raises:
        RecipeError: The graph needs what not every server has.
    """
    import torch  # noqa: PLC0415 - seconds to import: only a build needs it

    def dynamic(dims: Sequence[Dim]) -> dict[int, object]:
        named = enumerate(["batch", *dims])
        return {axis: torch.export.Dim(dim) for axis, dim in named if isinstance(dim, str)}

    # Before it raises, the exporter prints and logs whole programs; and it reports that torchvision is absent.
    logging.getLogger("torch").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        # torch 2.13's exporter uses interfaces that torch 2.13 itself calls deprecated.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        program = torch.onnx.export(
            network.eval(),
            tuple(sample for sample, _ in inputs.values()),
            dynamo=True,
            verbose=False,
            input_names=list(inputs),
            output_names=[f"served/{name}" for name in outputs],
            dynamic_shapes=tuple(dynamic(dims) for _, dims in inputs.values()),
            opset_version=18,
        )
    assert program is not None
    # The exporter does not see that a value inside may already have the name of an output.
    model = program.model_proto
    rename_values(model, {name: f"inner/{name}" for name in outputs} | {f"served/{name}": name for name in outputs})
    return seal(model)


def export_text_encoder(network: nn.Module, outputs: Sequence[str]) -> onnx.ModelProto:
    """The sealed graph of a network that takes `input_ids` int32[N,T], padded on the right with -1.

    Raises:
        RecipeError: As `export_graph`.
    """
    return export_graph(network, {"input_ids": (padded_sample(), ["tokens"])}, outputs)


def padded_sample(*dims: int) -> Tensor:
    """A sample of `input_ids`, int32[N,T] or int32[N,T,*dims]: two rows, of which the second is padded with -1."""
    import torch  # noqa: PLC0415 - seconds to import: only a build needs it

    sample = torch.ones(BATCH_SAMPLE, _TOKENS_SAMPLE, *dims, dtype=torch.int32)
    sample[1, 4:] = -1
    return sample
