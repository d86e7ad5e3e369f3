"""What is configured, and whether it serves."""

from __future__ import annotations

from dataclasses import dataclass

from sensorium_client import Model, SensoriumError
from sensorium_client.stack.clients import CLIENTS
from sensorium_client.stack.health import SERVING, UNREACHABLE, check
from sensorium_client.stack.settings import Endpoint, StackSettings
from sensorium_client.stack.state import find

__all__ = ["ServiceStatus", "service_statuses", "services_with"]

_SECONDS = 3.0


@dataclass(frozen=True)
class ServiceStatus:
    """A service, what it says of itself, and its models where it can be asked."""

    name: str
    address: str
    status: str
    models: tuple[Model, ...]

    @property
    def serving(self) -> bool:
        """Whether it serves."""
        return self.status == SERVING


def service_statuses(settings: StackSettings) -> list[ServiceStatus]:
    """Ask every configured service: where the stack of this checkout runs it, else where the settings say."""
    running = find(settings.run_dir)
    return [_status(endpoint) for endpoint in settings.endpoints(running.services if running else None)]


def services_with(settings: StackSettings, model: str) -> frozenset[str]:
    """The names of the configured services that have a model and say that it is ready."""
    return frozenset(
        service.name
        for service in service_statuses(settings)
        if any(each.name == model and each.ready for each in service.models)
    )


def _status(endpoint: Endpoint) -> ServiceStatus:
    status = check(endpoint)
    models = () if status == UNREACHABLE else _models(endpoint)
    return ServiceStatus(endpoint.name, endpoint.address, status, models)


def _models(endpoint: Endpoint) -> tuple[Model, ...]:
    try:
        with CLIENTS[endpoint.name](endpoint.address) as client:
            return tuple(client.list_models(deadline=_SECONDS))
    except SensoriumError:
        return ()
