"""Streams for callers that can only make unary and server-streaming calls."""

from sensorium_speech.sessions._session import Received, Session
from sensorium_speech.sessions._store import SessionStore
from sensorium_speech.sessions._window import Numbered

__all__ = ["Numbered", "Received", "Session", "SessionStore"]
