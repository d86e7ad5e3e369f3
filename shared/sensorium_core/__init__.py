"""What every service stands on: the server, its interceptors, limits, health, telemetry, the way to Triton."""
