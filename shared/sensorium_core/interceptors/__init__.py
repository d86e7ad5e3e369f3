"""What happens around every call, in this order from the outside: telemetry, errors, deadline, limits, validation.

Each is right for all four kinds of call. The servicer inside raises domain errors and knows none of this. Around them
stands the gate, which is open except for a moment when the server ends.
"""

from sensorium_core.interceptors._base import Chain, Interceptor, Request
from sensorium_core.interceptors._deadline import DeadlineInterceptor
from sensorium_core.interceptors._errors import ErrorsInterceptor
from sensorium_core.interceptors._gate import DrainGate
from sensorium_core.interceptors._limits import LimitsInterceptor
from sensorium_core.interceptors._telemetry import TelemetryInterceptor
from sensorium_core.interceptors._validation import ValidationInterceptor

__all__ = [
    "Chain",
    "DeadlineInterceptor",
    "DrainGate",
    "ErrorsInterceptor",
    "Interceptor",
    "LimitsInterceptor",
    "Request",
    "TelemetryInterceptor",
    "ValidationInterceptor",
]
