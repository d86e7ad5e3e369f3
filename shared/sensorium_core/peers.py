"""How a service holds the channel to another server: for as long as it lives, through all that happens to its peer."""

from typing import Any

# Reconnecting is quick, so that a restarted server is used within a second; keepalive finds a peer that is gone without
# a word; what is retried, and when, is decided where it is known what a call does.
PEER_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)
