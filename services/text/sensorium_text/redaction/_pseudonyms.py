"""Pseudonyms: personal data encrypted under a key, deterministically (AES-SIV, RFC 5297), and written into the text.

A pseudonym is `<TYPE:ciphertext>`, the ciphertext in base64 for URLs without padding (RFC 4648, section 5). The type is
associated data of the encryption, so that no pseudonym can be passed off as one of another type.

Whatever the text contains comes back: a part of the original that looks like a pseudonym becomes one itself, of the
type LITERAL. So every pseudonym in a pseudonymized text is the service's own, and restoring, which reads the text
once, never takes a part of the original for one. Parts of the original and pseudonyms cannot join to form another one,
for each begins with `<` and has no other in it.
"""

import base64
import binascii
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from sensorium_core.errors import InvalidInputError
from sensorium_text.domain import PersonalDataType, Redaction, Restoration
from sensorium_text.redaction._finding import Finding
from sensorium_text.redaction._replacing import replaced

KEY_LENGTHS = (32, 48, 64)
LONGEST_TEXT = 1_000_000  # characters that Restore takes
_PURPOSE = b"sensorium.text.v1 pseudonym"
_LITERAL = "LITERAL"
_TYPES = "|".join([_LITERAL, *(each.name for each in PersonalDataType)])
# The ciphertext of one byte, with the 16 of the synthetic initialisation vector, has 23 characters.
_PSEUDONYM = re.compile(rf"<({_TYPES}):([A-Za-z0-9_-]{{23,}})>")


def pseudonymized(text: str, findings: Sequence[Finding], secret: bytes) -> Redaction:
    """The text with a pseudonym for every finding: the same for the same characters and type under the same key.

    Args:
        text: the original.
        findings: in its order, without overlaps.
        secret: 32, 48 or 64 bytes.

    Raises:
        InvalidInputError: PSEUDONYMIZED_TEXT_TOO_LONG, the result would be longer than Restore takes.
    """
    cipher = AESSIV(secret)
    found = replaced(
        text,
        findings,
        lambda finding, written: _pseudonym(cipher, finding.type.name, written),
        lambda part: _PSEUDONYM.sub(lambda match: _pseudonym(cipher, _LITERAL, match.group()), part),
    )
    if len(found.text) > LONGEST_TEXT:
        raise InvalidInputError.field(
            "text",
            f"with pseudonyms it has {len(found.text)} characters and Restore takes {LONGEST_TEXT}; send it in parts",
            reason="PSEUDONYMIZED_TEXT_TOO_LONG",
        )
    return found


def restored(text: str, secret: bytes) -> Restoration:
    """The original text; those that stand for a part that only looked like a pseudonym are not counted.

    Raises:
        InvalidInputError: PSEUDONYM_KEY_MISMATCH, a pseudonym was made under another key or was changed.
    """
    cipher = AESSIV(secret)
    count = 0

    def original(match: re.Match[str]) -> str:
        nonlocal count
        count += match[1] != _LITERAL
        return _decrypted(cipher, match[1], match[2])

    try:
        return Restoration(_PSEUDONYM.sub(original, text), count)
    except (InvalidTag, binascii.Error, UnicodeDecodeError):
        # Which one, and why, is kept back: the key is wrong far more often than a single pseudonym.
        raise InvalidInputError.field(
            "key",
            "a pseudonym in the text was not made under this key, or was changed since; give the key it was made under",
            reason="PSEUDONYM_KEY_MISMATCH",
        ) from None


def _pseudonym(cipher: AESSIV, kind: str, written: str) -> str:
    encrypted = cipher.encrypt(written.encode(), [_PURPOSE, kind.encode()])
    return f"<{kind}:{base64.urlsafe_b64encode(encrypted).decode().rstrip('=')}>"


def _decrypted(cipher: AESSIV, kind: str, encoded: str) -> str:
    encrypted = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    return cipher.decrypt(encrypted, [_PURPOSE, kind.encode()]).decode()
