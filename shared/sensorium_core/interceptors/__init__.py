"""What happens around every call, in this order from the outside.

1. telemetry gives it its id, counts, times and logs it;
2. errors turns what is raised below into a status;
3. deadline ends it in time, and with it all that is below;
4. identity finds out who calls and whether that caller may;
5. limits turns away what is too large or too much;
6. validation holds the request against its contract.

Each is right for all four kinds of call. The servicer inside raises domain errors and knows none of this. Around them
stands the gate, which is open except for a moment when the server ends.
"""

from sensorium_core.interceptors._base import Chain, Interceptor, Request
from sensorium_core.interceptors._deadline import DeadlineInterceptor
from sensorium_core.interceptors._errors import ErrorsInterceptor
from sensorium_core.interceptors._gate import DrainGate
from sensorium_core.interceptors._identity import IdentityInterceptor
from sensorium_core.interceptors._limits import LimitsInterceptor
from sensorium_core.interceptors._telemetry import TelemetryInterceptor
from sensorium_core.interceptors._validation import ValidationInterceptor

__all__ = [
    "Chain",
    "DeadlineInterceptor",
    "DrainGate",
    "ErrorsInterceptor",
    "IdentityInterceptor",
    "Interceptor",
    "LimitsInterceptor",
    "Request",
    "TelemetryInterceptor",
    "ValidationInterceptor",
]
