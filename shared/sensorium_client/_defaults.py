"""Defaults that the SDK and its command line share; light to import."""

DEFAULT_ADDRESS = "127.0.0.1:50051"
DEFAULT_DEADLINE = 30.0
"""Seconds that a call may take, retries included."""
