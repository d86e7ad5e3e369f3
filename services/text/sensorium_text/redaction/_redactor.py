"""Redaction and restoration as features of the service."""

from collections.abc import Sequence

from sensorium_core.call import Stage
from sensorium_core.errors import NotFoundError, PermissionDeniedError
from sensorium_core.limits import BoundedExecutor
from sensorium_text.analysis import Analysis
from sensorium_text.domain import (
    PersonalDataType,
    PseudonymKey,
    Redaction,
    RedactMode,
    RedactOptions,
    Restoration,
)
from sensorium_text.models import PERSONAL_DATA, TextModels
from sensorium_text.redaction._finding import Finding
from sensorium_text.redaction._keys import NamedKey, NamedKeys
from sensorium_text.redaction._model import TYPES as MODEL_TYPES
from sensorium_text.redaction._model import PersonalDataModel
from sensorium_text.redaction._patterns import find_patterns
from sensorium_text.redaction._pseudonyms import pseudonymized, restored
from sensorium_text.redaction._replacing import inspected, masked
from sensorium_text.redaction._searching import findings

# Those that are sure enough in a plant's texts to be looked for unasked.
DEFAULT_TYPES = frozenset(
    {
        PersonalDataType.PERSON_NAME,
        PersonalDataType.PHONE_NUMBER,
        PersonalDataType.EMAIL_ADDRESS,
        PersonalDataType.POSTAL_ADDRESS,
        PersonalDataType.CARD_NUMBER,
        PersonalDataType.IBAN,
        PersonalDataType.IP_ADDRESS,
        PersonalDataType.CHINESE_RESIDENT_ID,
    }
)


class Redactor:
    """Finds personal data, masks it or makes it pseudonyms, and turns those back.

    Args:
        models: those of the service; requests name the one that finds names, addresses and numbers.
        keys: the configuration's keys.
        work: where patterns, rules and ciphers run.
    """

    def __init__(self, models: TextModels, keys: NamedKeys, work: BoundedExecutor) -> None:
        self._models = models
        self._keys = keys
        self._work = work

    def check(self, options: RedactOptions) -> None:
        """Refuses options that name a model or a key that does not exist.

        Raises:
            NotFoundError: MODEL_NOT_FOUND or KEY_NOT_FOUND.
        """
        self._model(options)
        if options.key is not None:
            self._secret(options.key, f"{options.field}.key.name")

    async def redact(self, analysis: Analysis, options: RedactOptions) -> Redaction:
        """What personal data is in a text, and the text without it.

        Raises:
            NotFoundError: MODEL_NOT_FOUND or KEY_NOT_FOUND.
            InvalidInputError: PSEUDONYMIZED_TEXT_TOO_LONG.
        """
        secret = b"" if options.key is None else self._secret(options.key, f"{options.field}.key.name")
        types = options.types or DEFAULT_TYPES
        model = self._model(options) if types & MODEL_TYPES else None
        patterns = await self._work.run(Stage.PREPROCESS, find_patterns, analysis.text, types)
        by_model = [] if model is None else await model.find(analysis, patterns.contacts())

        def redacted() -> Redaction:
            found = findings(analysis.text, patterns, by_model, types, options.min_confidence)
            return _replaced(analysis.text, found, options, secret)

        return await self._work.run(Stage.POSTPROCESS, redacted)

    async def restore(self, text: str, key: PseudonymKey) -> Restoration:
        """The text as it was before its data became pseudonyms.

        Raises:
            NotFoundError: KEY_NOT_FOUND.
            PermissionDeniedError: RESTORE_NOT_ALLOWED, the configuration gives the key for pseudonymizing only.
            InvalidInputError: PSEUDONYM_KEY_MISMATCH.
        """
        if key.name and not self._named(key.name, "key.name").may_restore:
            problem = f"the key {key.name!r} makes pseudonyms only; it may not turn them back"
            raise PermissionDeniedError.field("key.name", problem, reason="RESTORE_NOT_ALLOWED")
        return await self._work.run(Stage.PREPROCESS, restored, text, self._secret(key, "key.name"))

    def _model(self, options: RedactOptions) -> PersonalDataModel:
        field = f"{options.field}.model"
        model = self._models.get(options.model, default=PERSONAL_DATA, capability="personal_data", field=field)
        return PersonalDataModel(model, self._work)

    def _secret(self, key: PseudonymKey, field: str) -> bytes:
        return self._named(key.name, field).secret if key.name else key.secret

    def _named(self, name: str, field: str) -> NamedKey:
        found = self._keys.get(name)
        if found is None:
            raise NotFoundError.field(field, f"no key {name!r} is configured", reason="KEY_NOT_FOUND")
        return found


def _replaced(text: str, found: Sequence[Finding], options: RedactOptions, secret: bytes) -> Redaction:
    if options.mode is RedactMode.INSPECT:
        return inspected(text, found)
    if options.mode is RedactMode.MASK:
        return masked(text, found, options.mask_character)
    return pseudonymized(text, found, secret)
