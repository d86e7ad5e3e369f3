"""The way to a text service that asks who calls."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sensorium_core.call import Call, serving
from sensorium_core.peers import peer_tls
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.security.tls import TlsFiles, follow, server_credentials
from sensorium_core.telemetry import Metrics
from sensorium_speech.domain import RecognitionOptions, Transcript
from sensorium_speech.redaction import Redactor
from sensorium_speech.redaction._redactor import RedactionUnavailableError
from sensorium_speech.settings import SpeechSettings
from services.speech.redaction.text_service import ScriptedText, running

FOUND = [Transcript("Ask John.", 0.5, ())]


def options() -> RecognitionOptions:
    return RecognitionOptions(redact=True)


async def masked(redactor: Redactor) -> str:
    with serving(Call()):
        await redactor.ready(options())
        (one,) = await redactor.mask(FOUND, options(), "en")
    return one.text


async def test_certificates_and_a_key_say_who_asks(tmp_path: Path) -> None:
    ca, metrics, text = DevelopmentCA(tmp_path), Metrics(), ScriptedText("John")
    own, theirs = ca.issue(Leaf("speech")), ca.issue(Leaf("text"))
    files = TlsFiles(theirs.certificate, theirs.key, ca.certificate_file)
    async with running(text, credentials=server_credentials(follow("text", files, metrics))) as address:
        given: dict[str, Any] = {"text_ca": ca.certificate_file}
        both: list[dict[str, Any]] = [{"text_certificate": own.certificate, "text_key": own.key}, {}]
        for papers in both:
            settings = SpeechSettings(text_address=address, **given, **papers)
            tls = peer_tls(settings, "text", metrics)
            async with Redactor(address, 5.0, tls=tls, api_key="sns_1_2") as redactor:
                if papers:
                    assert await masked(redactor) == "Ask [PERSON_NAME]."
                else:
                    with pytest.raises(RedactionUnavailableError):
                        await masked(redactor)
    assert text.keys == ["sns_1_2"]


def test_plain_text_to_a_text_service_elsewhere_is_refused() -> None:
    with pytest.raises(
        ValidationError, match="SENSORIUM_SPEECH_TEXT_ADDRESS=text:50053 would be spoken to without TLS"
    ):
        SpeechSettings(text_address="text:50053")
    SpeechSettings(text_address="text:50053", text_allow_plaintext=True)
    SpeechSettings(text_address="text:50053", text_ca=Path("ca"))


def test_the_key_is_shown_by_nothing() -> None:
    assert "sns_1_2" not in repr(SpeechSettings(text_api_key="sns_1_2"))  # type: ignore[arg-type]  # as the environment gives it
