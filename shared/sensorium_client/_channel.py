"""Where a client connects to, and how its gRPC channel behaves."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sensorium_client._errors import InvalidInputError
from sensorium_client._files import MAX_INPUT_BYTES

_AROUND_INPUT = 1024 * 1024  # bytes of a message for the fields around the largest input

ChannelOptions = list[tuple[str, Any]]


def split_addresses(address: str | Sequence[str]) -> tuple[str, ...]:
    """Addresses of `a:1,b:2`, or of a list of such texts.

    Raises:
        InvalidInputError: there is none.
    """
    texts = [address] if isinstance(address, str) else address
    found = tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
    if not found:
        raise InvalidInputError("no address was given; write it as host:port")
    return found


def channel_target(addresses: Sequence[str]) -> str:
    """The gRPC target for some addresses, over which calls then go round robin.

    One address is taken as it is, so any gRPC target will do (`host:port`, `dns:///name:port`, `unix:/path`), and a
    name with several DNS records is balanced over all of them. Several addresses must be IP addresses, because a gRPC
    target resolves one name only.

    Raises:
        InvalidInputError: a name among several addresses, a mixture of IPv4 and IPv6, or no port.
    """
    if len(addresses) == 1:
        return addresses[0]
    pairs = [_host_and_port(address) for address in addresses]
    versions = {_ip_version(host) for host, _ in pairs}
    if len(versions) != 1:
        raise InvalidInputError(f"{', '.join(addresses)} mixes IPv4 and IPv6 addresses")
    if versions == {4}:
        return "ipv4:" + ",".join(f"{host}:{port}" for host, port in pairs)
    return "ipv6:" + ",".join(f"[{host}]:{port}" for host, port in pairs)


def channel_options(extra: Iterable[tuple[str, Any]] = (), *, max_input: int = MAX_INPUT_BYTES) -> ChannelOptions:
    """The options of a channel over which inputs of up to so many bytes go; those in `extra` win."""
    options: dict[str, Any] = {
        "grpc.max_send_message_length": max_input + _AROUND_INPUT,
        "grpc.max_receive_message_length": max_input + _AROUND_INPUT,
        "grpc.enable_retries": 0,  # see RetryPolicy
        "grpc.enable_http_proxy": 0,  # a service of the plant is not behind the proxy to the internet
        "grpc.service_config": json.dumps({"loadBalancingConfig": [{"round_robin": {}}]}),
        # Notice a dead connection under a call or a waiting stream; an idle connection stays silent.
        "grpc.keepalive_time_ms": 60_000,
        "grpc.keepalive_timeout_ms": 10_000,
        "grpc.keepalive_permit_without_calls": 0,
        # Reconnect as fast as our retries try, instead of after gRPC's first second.
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.min_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 2_000,
    }
    options.update(extra)
    return list(options.items())


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InvalidInputError(f"{address!r} is not an address; write it as host:port")
    host = host.removeprefix("[").removesuffix("]")
    return ("127.0.0.1" if host == "localhost" else host), int(port)


def _ip_version(host: str) -> int:
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        raise InvalidInputError(
            f"{host!r} is a name; several addresses must be IP addresses (or give one name with several DNS records)"
        ) from None
