"""What a service counts and times, in Prometheus form.

The names of the gRPC metrics are those of go-grpc-prometheus, so that existing dashboards work.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BATCHES = (1, 2, 4, 8, 16, 32, 64)
_RPC = ("grpc_type", "grpc_service", "grpc_method")


class Metrics:
    """All metrics of one service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.started = Counter("grpc_server_started", "RPCs begun.", _RPC, registry=registry)
        self.handled = Counter("grpc_server_handled", "RPCs ended, by code.", (*_RPC, "grpc_code"), registry=registry)
        self.handling = Histogram(
            "grpc_server_handling_seconds", "Time to serve an RPC.", _RPC, buckets=_SECONDS, registry=registry
        )
        self.decode = Histogram(
            "sensorium_decode_seconds",
            "Time to decode an input, waiting included.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.executor_depth = Gauge(
            "sensorium_executor_depth", "Jobs of the decode executor, waiting and running.", registry=registry
        )
        self.tasks = Gauge("sensorium_asyncio_tasks", "Tasks of the event loop.", registry=registry)
        self.in_flight = Gauge("sensorium_in_flight_requests", "Requests and frames admitted.", registry=registry)
        self.waiting = Gauge(
            "sensorium_waiting_requests",
            "Requests and items admitted whose turn it is not yet, because their caller has its share.",
            registry=registry,
        )
        self.in_flight_bytes = Gauge(
            "sensorium_in_flight_bytes", "Bytes of decoded input held by requests.", registry=registry
        )
        self.rejected = Counter(
            "sensorium_rejected", "Requests turned away before any work, by reason.", ("reason",), registry=registry
        )
        self.inference = Histogram(
            "sensorium_triton_request_seconds",
            "Round trip of an inference request.",
            ("model",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.queue = Counter(
            "sensorium_triton_queue_seconds",
            "Time in Triton's queue, from its statistics.",
            ("model",),
            registry=registry,
        )
        self.compute = Counter(
            "sensorium_triton_compute_seconds",
            "Time of computing, from Triton's statistics.",
            ("model",),
            registry=registry,
        )
        self.batch_size = Histogram(
            "sensorium_triton_batch_size", "Samples in one execution.", ("model",), buckets=_BATCHES, registry=registry
        )
        self.tokens = Counter("sensorium_tokens", "Tokens sent to a model.", ("model",), registry=registry)
        self.padding = Counter(
            "sensorium_padding_tokens",
            "Places of tokens that were padded to the length of their batch.",
            ("model",),
            registry=registry,
        )
        self.model_ready = Gauge(
            "sensorium_model_ready", "1 while canary inferences on the model succeed.", ("model",), registry=registry
        )
        self.circuit_state = Gauge(
            "sensorium_circuit_state",
            "Whether requests are sent to a model: 0 closed, they are; 1 half open, 2 open, they are refused.",
            ("model",),
            registry=registry,
        )
        self.circuit_opened = Counter(
            "sensorium_circuit_opened",
            "Times that a model was refused to callers because it failed again and again.",
            ("model",),
            registry=registry,
        )
        self.audit_records = Counter("sensorium_audit_records", "Records written to the audit log.", registry=registry)
        self.audit_dropped = Counter(
            "sensorium_audit_dropped",
            "Records that had no room while the audit log could not be written.",
            registry=registry,
        )
        self.audit_failing = Gauge(
            "sensorium_audit_failing", "1 while the audit log cannot be written.", registry=registry
        )
        self.reloads = Counter(
            "sensorium_reloads",
            "Times that changed files were taken over, by what they hold.",
            ("what",),
            registry=registry,
        )
        self.reload_failures = Counter(
            "sensorium_reload_failures", "Changed files that could not be used.", ("what",), registry=registry
        )
        self.reload_failing = Gauge(
            "sensorium_reload_failing",
            "1 while files have changed to something that cannot be used, and the value before stays in use.",
            ("what",),
            registry=registry,
        )
        self.certificate_end = Gauge(
            "sensorium_certificate_not_after_timestamp_seconds",
            "When a certificate in use, or its CA, expires.",
            ("what",),
            registry=registry,
        )
