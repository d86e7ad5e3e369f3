import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sensorium_core.call import Call, serving
from sensorium_core.errors import NotFoundError, OverloadedError
from sensorium_core.security.access import Access
from sensorium_core.security.identity import Credential, Identity, IdentityKind
from sensorium_core.security.policy import parse
from sensorium_core.telemetry import Metrics
from sensorium_speech.listening import Places
from sensorium_speech.sessions import SessionStore
from services.speech.sessions.test_session import FORMAT, Echo, key
from unit.core.support import until


async def test_sessions_are_found_by_their_names() -> None:
    async with SessionStore(Places(5, Metrics())) as store:
        names = [store.open(FORMAT, Echo().answer, key, 60) for _ in range(5)]
        assert len(set(names)) == 5
        assert all(name.startswith("sessions/") and len(name) == len("sessions/") + 32 for name in names)
        with store.using(names[3]) as session:
            assert session.name == names[3]
        with pytest.raises(NotFoundError) as caught, store.using("sessions/0"):
            pass
        assert caught.value.reason == "SESSION_NOT_FOUND"


async def test_sessions_take_places_and_give_them_back() -> None:
    places = Places(2, Metrics())
    async with SessionStore(places) as store:
        first, _ = (store.open(FORMAT, Echo().answer, key, 60) for _ in range(2))
        with pytest.raises(OverloadedError) as caught:
            store.open(FORMAT, Echo().answer, key, 60)
        assert caught.value.retry_delay
        store.discard(first)
        store.discard(first)
        store.open(FORMAT, Echo().answer, key, 60)
    assert places.taken == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_session_that_nobody_names_expires() -> None:
    echo = Echo()
    async with SessionStore(Places(2, Metrics())) as store:
        name = store.open(FORMAT, echo.answer, key, 0.02)
        await until(lambda: len(store) == 0)
        with pytest.raises(NotFoundError), store.using(name):
            pass
        await until(lambda: echo.ended or not asyncio.all_tasks() - {asyncio.current_task()})


async def test_a_session_in_use_does_not_expire() -> None:
    async with SessionStore(Places(2, Metrics())) as store:
        name, other = (store.open(FORMAT, Echo().answer, key, 0.02) for _ in range(2))
        with store.using(name), store.using(name):
            await until(lambda: len(store) == 1)
            with store.using(name):
                pass
        with pytest.raises(NotFoundError), store.using(other):
            pass
        await until(lambda: len(store) == 0)


async def test_sessions_end_with_their_store() -> None:
    echo = Echo()
    places = Places(2, Metrics())
    async with SessionStore(places) as store:
        name = store.open(FORMAT, echo.answer, key, 60)
        with store.using(name) as session:
            await session.push(0, b"one", finalize=False)
    assert places.taken == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_session_is_its_openers_alone() -> None:
    async with SessionStore(Places(2, Metrics())) as store:
        with called_by("cell-7"):
            name = store.open(FORMAT, Echo().answer, key, 60)
        for stranger in ("cell-8", None):
            with called_by(stranger):
                with pytest.raises(NotFoundError) as caught, store.using(name):
                    pass
                assert caught.value.reason == "SESSION_NOT_FOUND"  # as if there were none
                store.discard(name)
        with called_by("cell-7"):
            with store.using(name) as session:
                assert session.name == name
            store.discard(name)
        assert len(store) == 0


@contextmanager
def called_by(name: str | None) -> Iterator[None]:
    """Inside a call of an identity; of nobody where nobody has to say who calls."""
    policy = parse(b"")
    access = None
    if name is not None:
        credential = Credential(Identity(name, IdentityKind.MTLS), lambda: None)
        access = Access(credential, lambda: policy, "/x/Y")
    with serving(Call(access=access)):
        yield
