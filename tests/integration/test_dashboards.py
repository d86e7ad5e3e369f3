"""The dashboard and the alerts, asked of a real Prometheus that reads a real stack."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import urllib.parse
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import grpc
import pytest
import yaml
from rich.console import Console

from integration.conftest import Stack
from integration.waiting import until
from queries import COMPOSE, Query, alert_queries, dashboard_queries
from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1.text_service_pb2_grpc import TextServiceStub
from sensorium.type.v1 import image_pb2
from sensorium.vision.v1 import vision_service_pb2 as vision_pb
from sensorium.vision.v1.vision_service_pb2_grpc import VisionServiceStub
from sensorium_client.stack import pictures
from sensorium_client.stack.ports import free_ports
from sensorium_client.stack.top import watch

pytestmark = pytest.mark.integration

# What a stack without security and overload has no values for; that these exist is shown by the metadata.
QUIET = {"Turned away", "Certificates", "Reloads"}


def scraped(port: int) -> set[str]:
    """The names of a /metrics page, those of metrics without values included."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
        lines = reply.read().decode().splitlines()
    kinds = dict(line.split()[2:4] for line in lines if line.startswith("# TYPE "))
    suffixes = {"histogram": ("_bucket", "_sum", "_count")}
    return {name + suffix for name, kind in kinds.items() for suffix in suffixes.get(kind, ("",))}


@pytest.fixture(scope="module")
def used(stack: Stack) -> Stack:
    """The stack after calls that went well and one that did not."""
    picture = image_pb2.Image(encoded=pictures.encode(pictures.photograph("coffee"), ".jpg"))
    for _ in range(3):
        with stack.channel("text") as channel:
            TextServiceStub(channel).Embed(pb.EmbedRequest(texts=["Pump leaks.", "液压油缸漏油"]))
        with stack.channel("vision") as channel:
            VisionServiceStub(channel).Classify(vision_pb.ClassifyRequest(image=picture))
    with stack.channel("text") as channel, pytest.raises(grpc.RpcError):
        TextServiceStub(channel).Embed(pb.EmbedRequest())
    return stack


def test_every_metric_that_a_query_reads_is_exposed(used: Stack) -> None:
    exposed = {"up"}.union(*map(scraped, (*used.metrics_ports.values(), used.triton_metrics_port)))
    read = {name for query in (*dashboard_queries(), *alert_queries()) for name in query.selectors()}
    assert read - exposed == set()


def test_rules_are_what_prometheus_understands() -> None:
    if not (promtool := shutil.which("promtool")):
        pytest.skip("needs promtool, of the Debian package prometheus")
    done = subprocess.run(
        [promtool, "check", "config", str(COMPOSE / "prometheus" / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "11 rules found" in done.stdout


@pytest.fixture(scope="module")
def prometheus(used: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that reads the stack by the configuration in compose/, on the stack's ports."""
    if not (binary := shutil.which("prometheus")):
        pytest.skip("needs the Debian package prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    ports = {"sensorium-triton": used.triton_metrics_port} | {
        f"sensorium-{name}": port for name, port in used.metrics_ports.items()
    }
    config = yaml.safe_load((COMPOSE / "prometheus" / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(COMPOSE / "prometheus" / "alerts.yml")]
    for job in config["scrape_configs"]:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (port,) = free_ports(1)
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _answers(url), 20, (folder / "log").read_text)
        # Two scrapes apart, so that rates have something to be counted from.
        until(lambda: _value(url, "min(count_over_time(up{job=~'sensorium.*'}[1m]))") >= 4, 30)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return bool(ask(url, "up"))
    except OSError:
        return False


def ask(url: str, query: str) -> list[Any]:
    """The result of an instant query."""
    with urlopen(f"{url}/api/v1/query?query={urllib.parse.quote(query)}", timeout=5) as reply:
        answer = json.load(reply)
    assert answer["status"] == "success"
    result: list[Any] = answer["data"]["result"]
    return result


def _value(url: str, query: str) -> float:
    result = ask(url, query)
    return float(result[0]["value"][1]) if result else 0.0


@pytest.mark.parametrize("query", dashboard_queries(), ids=lambda query: query.where)
def test_a_panel_has_something_to_show(prometheus: str, query: Query) -> None:
    result = ask(prometheus, query.text.replace("[10s]", "[5m]"))
    assert result or query.where.partition(": ")[2] in QUIET


def test_a_healthy_stack_raises_no_alarm_and_all_rules_can_be_evaluated(prometheus: str) -> None:
    with urlopen(f"{prometheus}/api/v1/rules", timeout=5) as reply:
        rules = [rule for group in json.load(reply)["data"]["groups"] for rule in group["rules"]]
    assert len(rules) == len(alert_queries())
    assert {rule["name"]: rule["state"] for rule in rules if rule["state"] == "firing"} == {}
    assert {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")} == {}


def test_top_shows_every_process_and_its_models(used: Stack) -> None:
    ports = {**used.metrics_ports, "triton": used.triton_metrics_port}
    console = Console(file=(shown := io.StringIO()), width=120)
    urls = {name: f"http://127.0.0.1:{port}/metrics" for name, port in ports.items()}
    assert watch(urls, 0.1, once=True, console=console)
    lines = [line.split() for line in shown.getvalue().splitlines()]
    assert [line[:2] for line in lines[1 : 1 + len(ports)]] == [[name, "answers"] for name in ports]
    assert ["text/minilm_l6", "ready"] in [line[:2] for line in lines]
    assert ["vision/efficientnet_lite0", "ready"] in [line[:2] for line in lines]
