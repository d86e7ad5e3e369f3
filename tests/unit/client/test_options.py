from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from sensorium_client._defaults import TEXT
from sensorium_client.cli._options import Common, address_option, with_common

app = typer.Typer()
RUN = CliRunner()


@dataclass(frozen=True, kw_only=True)
class TextCommon(Common):
    texts: Annotated[list[str], typer.Argument()]
    address: Annotated[str, address_option(TEXT)] = TEXT.address


@app.command()
@with_common
def rank(
    common: TextCommon, query: Annotated[str, typer.Argument()], top_k: Annotated[int, typer.Option()] = 3
) -> None:
    typer.echo(f"{query} of {common.texts} at {common.address}, {top_k}, {common.context().part_id}")


def test_a_commands_own_arguments_come_before_those_it_shares() -> None:
    done = RUN.invoke(app, ["pump", "a", "b", "--top-k", "5", "--part-id", "p"])
    assert done.stdout == "pump of ['a', 'b'] at 127.0.0.1:50053, 5, p\n"


def test_each_service_has_a_variable_of_its_own_for_the_address() -> None:
    variables = {"SENSORIUM_TEXT_ADDRESS": "text:1", "SENSORIUM_VISION_ADDRESS": "vision:1"}
    assert "at text:1," in RUN.invoke(app, ["pump", "a"], env=variables).stdout
