"""Who calls, by whatever proof a caller brings."""

from collections.abc import Callable, Iterable, Mapping

from sensorium_core.errors import UnauthenticatedError
from sensorium_core.security import certificates
from sensorium_core.security.identity import Credential
from sensorium_core.security.keys import PREFIX, KeyVerifier
from sensorium_core.security.tokens import TokenVerifier

AUTHORIZATION = "authorization"
API_KEY = "x-api-key"
_BEARER = "bearer "
Metadata = Iterable[tuple[str, str | bytes]]


class Authenticator:
    """Takes a token, an API key or a certificate for proof.

    A token or key says who calls by itself, and goes before the certificate of the connection, which may be that of a
    proxy. A wrong one is refused, however good the certificate is.

    Args:
        tokens: None where tokens prove nothing.
        keys: None where API keys prove nothing.
        certificates: whether certificates of connections do.
    """

    def __init__(self, tokens: TokenVerifier | None, keys: KeyVerifier | None, *, certificates: bool) -> None:
        self._tokens = tokens
        self._keys = keys
        self._certificates = certificates

    async def of_call(self, metadata: Metadata, connection: Callable[[], Mapping[str, Iterable[bytes]]]) -> Credential:
        """The credential of a call.

        Args:
            metadata: of the call.
            connection: gives grpc's authentication context.

        Raises:
            UnauthenticatedError: the proof is missing or wrong.
            UnavailableError: TOKEN_KEYS_UNAVAILABLE.
        """
        credential = await self._of_metadata(metadata)
        if credential is None and self._certificates:
            credential = certificates.of_connection(connection())
        return credential or self._nobody()

    async def check_metadata(self, metadata: Metadata) -> None:
        """Refuses a call whose metadata proves nothing, where only metadata can.

        Raises:
            UnauthenticatedError: the proof is missing or wrong.
            UnavailableError: TOKEN_KEYS_UNAVAILABLE.
        """
        if not self._certificates and await self._of_metadata(metadata) is None:
            self._nobody()

    async def of_request(self, headers: Metadata, certificate: bytes | None) -> Credential:
        """The same for an HTTP request, with the certificate of its connection in DER form."""
        credential = await self._of_metadata(headers)
        if credential is None and self._certificates and certificate is not None:
            credential = certificates.of_der(certificate)
        return credential or self._nobody()

    async def _of_metadata(self, metadata: Metadata) -> Credential | None:
        given = [(key, value) for key, value in metadata if key in (AUTHORIZATION, API_KEY)]
        if not given:
            return None
        if len(given) > 1:
            text = f"Send one proof of identity: {AUTHORIZATION} or {API_KEY}, once."
            raise UnauthenticatedError(text, reason="CREDENTIALS_AMBIGUOUS")
        key, value = given[0]
        proof = value if isinstance(value, str) else value.decode("utf-8", "replace")
        if key == AUTHORIZATION:
            if proof[: len(_BEARER)].lower() != _BEARER:
                text = f"{AUTHORIZATION} must be 'Bearer' and a token."
                raise UnauthenticatedError(text, reason="CREDENTIALS_MALFORMED")
            proof = proof[len(_BEARER) :].strip()
        if key == API_KEY or proof.startswith(PREFIX):
            return self._by_key(proof)
        known = self._tokens.remembered(proof) if self._tokens else None
        return known or await self._by_token(proof)

    def _by_key(self, key: str) -> Credential:
        if self._keys is None:
            raise UnauthenticatedError("API keys prove nothing here.", reason="CREDENTIALS_UNSUPPORTED")
        return self._keys.verify(key)

    async def _by_token(self, token: str) -> Credential:
        if self._tokens is None:
            raise UnauthenticatedError("Tokens prove nothing here.", reason="CREDENTIALS_UNSUPPORTED")
        return await self._tokens.verify(token)

    def _nobody(self) -> Credential:
        ways = [
            way
            for way, open_ in (
                ("a certificate", self._certificates),
                (f"a token ({AUTHORIZATION}: Bearer …)", self._tokens is not None),
                (f"an API key ({API_KEY})", self._keys is not None),
            )
            if open_
        ]
        text = f"Say who calls, by {' or '.join(ways)}."
        raise UnauthenticatedError(text, reason="CREDENTIALS_MISSING")
