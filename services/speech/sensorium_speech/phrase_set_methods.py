"""The methods on phrase sets, and the sets that other requests name."""

import re
import secrets
from collections.abc import Callable, Collection, Iterable

from google.protobuf import timestamp_pb2

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_core.call import Stage
from sensorium_core.errors import ConflictError, InvalidInputError, NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_speech import convert_phrases
from sensorium_speech.domain import Expected
from sensorium_speech.phrase_sets import (
    PhraseSet,
    PhraseSetStore,
    Row,
    after,
    check,
    check_count,
    check_pronunciations,
    expected,
    page_token,
)

_COLLECTION = "phraseSets/"
_ID = re.compile(r"[a-z][a-z0-9-]{2,61}[a-z0-9]")
_CHANGEABLE = ("display_name", "phrases", "boost", "slots", "pronunciations")
_DEFAULT_PAGE, _LARGEST_PAGE = 20, 100
# An update without etag meets so many others in the same moment at most.
_MOST_ATTEMPTS = 10


class PhraseSets:
    """Keeps phrase sets for callers.

    Args:
        store: where they are kept.
        phonemes: gives the labels of the phoneme model.
        work: where large sets are looked through.
    """

    def __init__(self, store: PhraseSetStore, phonemes: Callable[[], Collection[str]], work: BoundedExecutor) -> None:
        self._store = store
        self._phonemes = phonemes
        self._work = work

    async def create(self, request: pb.CreatePhraseSetRequest) -> pb.PhraseSet:
        """Keeps a set.

        Raises:
            SensoriumError: as told of `CreatePhraseSetRequest` in the contract.
        """
        content = _content(request.phrase_set)
        await self._check(content)
        key = request.phrase_set_id or f"set-{secrets.token_hex(8)}"
        return _message(await self._store.create(key, content.SerializeToString()))

    async def get(self, request: pb.GetPhraseSetRequest) -> pb.PhraseSet:
        """A set.

        Raises:
            SensoriumError: as told of `GetPhraseSetRequest` in the contract.
        """
        return _message(await self._row(request.name, "name"))

    async def list(self, request: pb.ListPhraseSetsRequest) -> pb.ListPhraseSetsResponse:
        """A page of the sets.

        Raises:
            SensoriumError: as told of `ListPhraseSetsRequest` in the contract.
        """
        size = min(request.page_size or _DEFAULT_PAGE, _LARGEST_PAGE)
        page = await self._store.page(after(request.page_token, "page_token"), size)
        token = page_token(page.rows[-1].id) if page.more else ""
        return pb.ListPhraseSetsResponse(phrase_sets=map(_message, page.rows), next_page_token=token)

    async def update(self, request: pb.UpdatePhraseSetRequest) -> pb.PhraseSet:
        """Changes a set.

        Raises:
            SensoriumError: as told of `UpdatePhraseSetRequest` in the contract.
        """
        given, paths = request.phrase_set, _paths(request)
        if not given.name:
            text = f"is missing; right is `{_COLLECTION}` and the id of the set"
            raise InvalidInputError.field("phrase_set.name", text, reason="INVALID_ARGUMENT")
        for _ in range(_MOST_ATTEMPTS):
            try:
                return await self._update_once(given, paths, allow_missing=request.allow_missing)
            except ConflictError:
                if given.etag:
                    raise
        raise ConflictError("the phrase set is being changed all the time; try again", reason="ETAG_MISMATCH")

    async def delete(self, request: pb.DeletePhraseSetRequest) -> None:
        """Removes a set.

        Raises:
            SensoriumError: as told of `DeletePhraseSetRequest` in the contract.
        """
        try:
            await self._store.delete(_key(request.name, "name"), request.etag)
        except NotFoundError as error:
            if not request.allow_missing:
                raise _no_phrase_set(request.name, "name") from error

    async def resolve(self, given: Iterable[pb.AdaptationPhraseSet], field: str) -> tuple[PhraseSet, ...]:
        """The sets that a request gives by name or by value, checked but for their pronunciations.

        Args:
            given: the messages.
            field: path at which they lie in the request.

        Raises:
            SensoriumError: as told of `AdaptationPhraseSet`, `SpeechAdaptation` and `PhraseSet` in the contract.
        """
        found = []
        for number, one in enumerate(given):
            at = f"{field}[{number}]"
            if one.WhichOneof("value") == "phrase_set":
                row = await self._row(one.phrase_set, f"{at}.phrase_set")
                kept = pb.PhraseSet.FromString(row.content)
                found.append(convert_phrases.phrase_set(kept, f"{at}.phrase_set", one.phrase_set))
            else:
                found.append(convert_phrases.phrase_set(one.inline_phrase_set, f"{at}.inline_phrase_set"))
        check_count(found, field)
        for phrase_set in found:
            await self._work.run(Stage.PREPROCESS, check, phrase_set)
        return tuple(found)

    async def expected(self, given: pb.SpeechAdaptation, field: str) -> tuple[Expected, ...]:
        """The phrases that a recognition is to expect.

        Args:
            given: the message.
            field: path at which it lies in the request.

        Raises:
            SensoriumError: as told of `SpeechAdaptation` in the contract.
        """
        return expected(await self.resolve(given.phrase_sets, f"{field}.phrase_sets"), field)

    async def _update_once(self, given: pb.PhraseSet, paths: Collection[str], *, allow_missing: bool) -> pb.PhraseSet:
        try:
            row = await self._row(given.name, "phrase_set.name")
        except NotFoundError:
            if not allow_missing or given.etag:
                raise
            content = _content(given)
            await self._check(content)
            return _message(await self._store.create(_key(given.name, "phrase_set.name"), content.SerializeToString()))
        content = pb.PhraseSet.FromString(row.content)
        for path in paths:
            content.ClearField(path)
            content.MergeFrom(_only(given, path))
        await self._check(content)
        return _message(await self._store.replace(row.id, content.SerializeToString(), given.etag or row.etag))

    async def _row(self, name: str, field: str) -> Row:
        """A kept set; `field` is the path of its name in the request.

        Raises:
            NotFoundError: PHRASE_SET_NOT_FOUND.
        """
        key = _key(name, field)
        try:
            return await self._store.get(key)
        except NotFoundError as error:
            raise _no_phrase_set(name, field) from error

    async def _check(self, content: pb.PhraseSet) -> None:
        phrase_set = convert_phrases.phrase_set(content, "phrase_set")
        await self._work.run(Stage.PREPROCESS, check, phrase_set)
        if phrase_set.pronunciations:
            check_pronunciations(phrase_set, self._phonemes())


def _paths(request: pb.UpdatePhraseSetRequest) -> list[str]:
    paths = list(request.update_mask.paths)
    if not paths:
        return [path for path in _CHANGEABLE if getattr(request.phrase_set, path)]
    if "*" in paths:
        return list(_CHANGEABLE)
    for path in paths:
        if path not in _CHANGEABLE:
            text = f"{path[:64]!r} is no field to change; right are: {', '.join(_CHANGEABLE)}, or * for all"
            raise InvalidInputError.field("update_mask", text, reason="UPDATE_MASK_INVALID")
    return paths


def _key(name: str, field: str) -> str:
    """The id in a name.

    Raises:
        NotFoundError: PHRASE_SET_NOT_FOUND; no set can have this name.
    """
    key = name.removeprefix(_COLLECTION)
    if key == name or not _ID.fullmatch(key):
        raise _no_phrase_set(name, field)
    return key


def _no_phrase_set(name: str, field: str) -> NotFoundError:
    text = f"there is no phrase set {name!r}; names are `{_COLLECTION}` and an id"
    return NotFoundError.field(field, text, reason="PHRASE_SET_NOT_FOUND")


def _content(given: pb.PhraseSet) -> pb.PhraseSet:
    """What callers decide of a set."""
    content = pb.PhraseSet()
    for path in _CHANGEABLE:
        content.MergeFrom(_only(given, path))
    return content


def _only(given: pb.PhraseSet, path: str) -> pb.PhraseSet:
    return pb.PhraseSet(**{path: getattr(given, path)})


def _message(row: Row) -> pb.PhraseSet:
    message = pb.PhraseSet.FromString(row.content)
    message.name, message.etag = f"{_COLLECTION}{row.id}", row.etag
    message.create_time.CopyFrom(_timestamp(row.created_ns))
    message.update_time.CopyFrom(_timestamp(row.updated_ns))
    return message


def _timestamp(nanoseconds: int) -> timestamp_pb2.Timestamp:
    message = timestamp_pb2.Timestamp()
    message.FromNanoseconds(nanoseconds)
    return message
