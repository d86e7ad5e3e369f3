"""Settings of a service's security; part of the settings of every service."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from sensorium_core.security.tls import TlsFiles, is_loopback
from sensorium_core.security.tokens import ASYMMETRIC, TokenRules

Positive = Annotated[float, Field(gt=0)]
Texts = Annotated[tuple[str, ...], NoDecode]
"""Texts between commas."""


class SecuritySettings(BaseSettings):
    """Who may connect and call, and how. Files are followed: what replaces them is used without a restart.

    Identities are proved by `tls_client_ca`, `jwt_jwks` and `api_keys`. As soon as one of them is set, nobody may do
    anything but what `policy` allows.

    Attributes:
        tls_certificate, tls_key: PEM files; with them gRPC and metrics speak TLS only.
        tls_client_ca: PEM file with CAs; with it every caller must show a certificate of theirs (mutual TLS).
        allow_plaintext: listen without TLS on other addresses than the machine's own.
        connection_age: seconds after which a TLS connection is asked to be made anew, so that certificates that have
            expired or were withdrawn do not live on in it; its calls finish.
        triton_address: `host:port` of Triton's gRPC endpoint, or `unix:/path` of its socket.
        triton_ca: PEM file with the CAs of Triton's certificate; with it the way to Triton is TLS.
        triton_certificate, triton_key: PEM files that we show to a Triton that asks for them.
        triton_server_name: the name in Triton's certificate, where it is not the one in `triton_address`.
        triton_allow_plaintext: speak to a Triton on another machine without TLS.
        jwt_jwks: file or https URL with the public keys of the issuer of tokens.
        jwt_issuer, jwt_audience: the issuer, and the audiences of which a token must name one.
        jwt_algorithms: asymmetric algorithms that tokens may be signed with.
        jwt_name_claim: the claim that names the caller.
        jwt_leeway: seconds by which the issuer's clock may differ.
        jwt_ca: PEM file with the CAs of the URL's server; the system's by default.
        jwt_refresh: seconds between fetches of the URL; a token with an unknown key leads to one in between.
        api_keys: file that `sensorium keys` keeps.
        policy: TOML file that says who may do what; see `sensorium_core.security.policy`.
        health_open: whether Check of grpc.health.v1 needs no identity.
        metrics_open: whether reading the metrics needs no identity.
        audit_dir: folder for the audit log; None writes none.
        audit_max_bytes: size at which a file of it is followed by the next; none is ever removed.
        audit_key: file with a key of 32 bytes or more; the hashes then cannot be made without it.
        audit_sync: seconds that records may stay in the memory of the system before they are on the disk; 0 waits for
            the disk every time.
        audit_required: refuse calls while they cannot be recorded.
        reload_interval: seconds between looks at the files.
    """

    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    allow_plaintext: bool = False
    connection_age: Positive = 3600.0
    triton_address: str = "127.0.0.1:8001"
    triton_ca: Path | None = None
    triton_certificate: Path | None = None
    triton_key: Path | None = None
    triton_server_name: str = ""
    triton_allow_plaintext: bool = False
    jwt_jwks: str = ""
    jwt_issuer: str = ""
    jwt_audience: Texts = ()
    jwt_algorithms: Texts = ("RS256", "ES256")
    jwt_name_claim: str = "sub"
    jwt_leeway: Annotated[float, Field(ge=0, le=300)] = 30.0
    jwt_ca: Path | None = None
    jwt_refresh: Positive = 300.0
    api_keys: Path | None = None
    policy: Path | None = None
    health_open: bool = True
    metrics_open: bool = False
    audit_dir: Path | None = None
    audit_max_bytes: Annotated[int, Field(ge=4096)] = 64 * 1024 * 1024
    audit_key: Path | None = None
    audit_sync: Annotated[float, Field(ge=0)] = 1.0
    audit_required: bool = False
    reload_interval: Positive = 1.0

    @property
    def tls(self) -> TlsFiles | None:
        """Files of the listeners; None for plain text."""
        return TlsFiles(self.tls_certificate, self.tls_key, self.tls_client_ca) if self.tls_certificate else None

    def peer_files(self, peer: str) -> TlsFiles | None:
        """Files of the way to a peer, such as `triton`; None for plain text."""
        certificate, key, ca = (getattr(self, f"{peer}_{part}") for part in ("certificate", "key", "ca"))
        return TlsFiles(certificate, key, ca) if ca else None

    @property
    def identity_source(self) -> str:
        """A setting by which identities are proved; empty where there is none."""
        return next((name for name in ("tls_client_ca", "jwt_jwks", "api_keys") if getattr(self, name)), "")

    @property
    def token_rules(self) -> TokenRules:
        """What a token must be."""
        return TokenRules(self.jwt_issuer, self.jwt_audience, self.jwt_algorithms, self.jwt_name_claim, self.jwt_leeway)

    def variable(self, field: str) -> str:
        """The environment variable of a setting."""
        return f"{self.model_config.get('env_prefix', '')}{field}".upper()

    @field_validator("jwt_audience", "jwt_algorithms", mode="before")
    @classmethod
    def _between_commas(cls, value: object) -> object:
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value

    @field_validator("jwt_algorithms")
    @classmethod
    def _algorithms_prove_something(cls, algorithms: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [algorithm for algorithm in algorithms if algorithm not in ASYMMETRIC]
        if wrong or not algorithms:
            raise ValueError(f"{', '.join(wrong) or 'nothing'} cannot be allowed; there is: {', '.join(ASYMMETRIC)}")
        return algorithms

    @model_validator(mode="after")
    def _pairs_are_whole(self) -> Self:
        self._check_pair("tls_certificate", "tls_key")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError(
                f"{self.variable('tls_client_ca')} means nothing without {self.variable('tls_certificate')}"
            )
        return self

    def _check_pair(self, certificate: str, key: str) -> None:
        if (getattr(self, certificate) is None) != (getattr(self, key) is None):
            raise ValueError(f"set both {self.variable(certificate)} and {self.variable(key)}, or neither")

    @model_validator(mode="after")
    def _audit_has_a_folder(self) -> Self:
        if self.audit_dir is None and (self.audit_required or self.audit_key is not None):
            raise ValueError(f"{self.variable('audit_dir')} must name a folder, or nothing is recorded")
        return self

    @model_validator(mode="after")
    def _identities_have_a_policy(self) -> Self:
        if self.jwt_jwks and not (self.jwt_issuer and self.jwt_audience):
            names = f"{self.variable('jwt_issuer')} and {self.variable('jwt_audience')}"
            raise ValueError(f"{self.variable('jwt_jwks')} alone would take any token of those keys: set {names} too")
        if self.identity_source and self.policy is None:
            text = "is set, so that nobody may do anything but what a policy allows: set"
            raise ValueError(f"{self.variable(self.identity_source)} {text} {self.variable('policy')}")
        if self.policy is not None and not self.identity_source:
            names = ", ".join(self.variable(name) for name in ("tls_client_ca", "jwt_jwks", "api_keys"))
            raise ValueError(f"{self.variable('policy')} means nothing without one of {names}")
        return self

    def check_listeners(self, listeners: dict[str, str]) -> None:
        """Refuses plain text on listeners that others than this machine reach, unless a setting asks for it.

        Args:
            listeners: addresses to listen on, by the setting that holds them.

        Raises:
            ValueError: the text names the settings that mend it.
        """
        for setting, address in listeners.items():
            if self.tls is None and not self.allow_plaintext and not is_loopback(address):
                mend = f"{self.variable('tls_certificate')} and {self.variable('tls_key')}, or a loopback address"
                raise ValueError(self._open("listened on", setting, address, mend, "allow_plaintext"))

    def check_peer(self, peer: str) -> None:
        """The same for the way to a peer, such as `triton`, whose settings begin with its name.

        Raises:
            ValueError: the text names the settings that mend it.
        """
        address, ca, allow = f"{peer}_address", f"{peer}_ca", f"{peer}_allow_plaintext"
        self._check_pair(f"{peer}_certificate", f"{peer}_key")
        if getattr(self, ca) is not None:
            return
        if getattr(self, f"{peer}_certificate") is not None:
            raise ValueError(f"{self.variable(f'{peer}_certificate')} means nothing without {self.variable(ca)}")
        target = getattr(self, address)
        if target and not getattr(self, allow) and not is_loopback(target):
            raise ValueError(self._open("spoken to", address, target, self.variable(ca), allow))

    def _open(self, how: str, setting: str, address: str, mend: str, allow: str) -> str:
        return (
            f"{self.variable(setting)}={address} would be {how} without TLS over the network: set {mend}, "
            f"or {self.variable(allow)}=true if the network itself is trusted"
        )
