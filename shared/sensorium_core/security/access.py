"""What the caller of one call may do, asked anew each time it matters: policies, tokens and keys change under way."""

from collections.abc import Callable

from sensorium_core.errors import PermissionDeniedError
from sensorium_core.security.identity import Credential, Identity
from sensorium_core.security.policy import Grant, Policy, Quota


class Access:
    """The rights of a call's caller.

    Args:
        credential: who calls.
        policy: gives the policy of this moment.
        method: full method name, `/package.Service/Method`.
    """

    __slots__ = ("_check_credential", "_grant", "_method", "_of", "_policy", "identity")

    def __init__(self, credential: Credential, policy: Callable[[], Policy], method: str) -> None:
        self.identity: Identity = credential.identity
        self._check_credential = credential.check
        self._policy = policy
        self._method = method.removeprefix("/")
        self._of: Policy | None = None
        self._grant: Grant | None = None

    @property
    def quota(self) -> Quota:
        """What the caller may take."""
        return self._current().quota

    def check(self) -> None:
        """Refuses a caller that may not call the method, or no longer.

        Raises:
            PermissionDeniedError: METHOD_NOT_ALLOWED.
            UnauthenticatedError: the credential has expired or was revoked.
        """
        self._check_credential()
        if not self._current().allowed:
            text = f"{self.identity} may not call {self._method}."
            metadata = {"identity": str(self.identity), "method": self._method}
            raise PermissionDeniedError(text, reason="METHOD_NOT_ALLOWED", metadata=metadata)

    def check_model(self, name: str) -> None:
        """Refuses a model that the caller may not have used.

        Raises:
            PermissionDeniedError: MODEL_NOT_ALLOWED.
        """
        if not self._current().allows_model(name):
            text = f"{self.identity} may not use the model {name!r} by {self._method}."
            metadata = {"identity": str(self.identity), "method": self._method, "model": name}
            raise PermissionDeniedError(text, reason="MODEL_NOT_ALLOWED", metadata=metadata)

    def _current(self) -> Grant:
        policy = self._policy()
        if self._grant is None or policy is not self._of:
            self._of, self._grant = policy, policy.grant(self.identity, self._method)
        return self._grant
