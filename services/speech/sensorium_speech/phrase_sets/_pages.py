"""Page tokens (AIP-158): where the next page begins, in a form that callers have no reason to look into."""

import base64
import zlib

from sensorium_core.errors import InvalidInputError

_VERSION = b"1"
_CHECK_BYTES = 4


def page_token(last: str) -> str:
    """The token of the page behind the thing of this id."""
    content = _VERSION + last.encode()
    return base64.urlsafe_b64encode(content + _check(content)).decode().rstrip("=")


def after(token: str, field: str) -> str:
    """The id behind which the page of a token begins; empty for the first page.

    Raises:
        InvalidInputError: PAGE_TOKEN_INVALID.
    """
    if not token:
        return ""
    content = _unpacked(token)
    if content[:1] != _VERSION:
        text = "is no page token; right is the `next_page_token` of a page, unchanged, or nothing for the first page"
        raise InvalidInputError.field(field, text, reason="PAGE_TOKEN_INVALID")
    return content[1:].decode()


def _unpacked(token: str) -> bytes:
    """What a token holds; nothing when it is not whole."""
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
    content, check = packed[:-_CHECK_BYTES], packed[-_CHECK_BYTES:]
    return content if check == _check(content) else b""


def _check(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_CHECK_BYTES, "big")
