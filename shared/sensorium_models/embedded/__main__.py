"""`python -m sensorium_models.embedded`: the embedded Triton, until it is told to stop."""

import logging
import sys

import structlog

from sensorium_models.embedded.launcher import run
from sensorium_models.embedded.settings import TritonSettings

if __name__ == "__main__":
    # The watchdog reports what matters; what the client notes of each refused call is for debugging services.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sys.exit(run(TritonSettings()))
