"""What happens around every call, in this order from the outside.

1. telemetry gives it its id, counts, times and logs it;
2. errors turns what is raised below into a status;
3. audit records it, however it ends;
4. deadline ends it in time, and with it all that is below;
5. identity finds out who calls and whether that caller may; then the beginning of a stream is recorded;
6. limits turns away what is too large, beyond the caller's quota, or too much at the moment, and lets all callers have
   their turns;
7. validation holds the request against its contract.

Audit and identity are there when the settings ask for them.

Each is right for all four kinds of call. The servicer inside raises domain errors and knows none of this. Around them
stands the gate, which is open except for a moment when the server ends.
"""

from sensorium_core.interceptors._audit import AuditInterceptor, AuditOpeningInterceptor
from sensorium_core.interceptors._base import Chain, Interceptor, Layer, Request
from sensorium_core.interceptors._deadline import DeadlineInterceptor
from sensorium_core.interceptors._errors import ErrorsInterceptor
from sensorium_core.interceptors._gate import DrainGate
from sensorium_core.interceptors._identity import IdentityInterceptor
from sensorium_core.interceptors._limits import LimitsInterceptor
from sensorium_core.interceptors._telemetry import TelemetryInterceptor
from sensorium_core.interceptors._validation import ValidationInterceptor

__all__ = [
    "AuditInterceptor",
    "AuditOpeningInterceptor",
    "Chain",
    "DeadlineInterceptor",
    "DrainGate",
    "ErrorsInterceptor",
    "IdentityInterceptor",
    "Interceptor",
    "Layer",
    "LimitsInterceptor",
    "Request",
    "TelemetryInterceptor",
    "ValidationInterceptor",
]
