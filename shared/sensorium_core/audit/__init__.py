"""A record of every call, chained so that nothing can be taken from it or changed in it unnoticed."""

from sensorium_core.audit.chain import GENESIS, AuditKey, Head, read_key, seal
from sensorium_core.audit.log import AuditLog, AuditSettings
from sensorium_core.audit.verify import Finding, Report, verify

__all__ = [
    "GENESIS",
    "AuditKey",
    "AuditLog",
    "AuditSettings",
    "Finding",
    "Head",
    "Report",
    "read_key",
    "seal",
    "verify",
]
