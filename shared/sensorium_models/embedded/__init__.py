"""Triton without Docker: a runtime venv, an ONNX Runtime backend, launcher and watchdog."""
