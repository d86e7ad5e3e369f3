"""Phrase sets through a real channel."""

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf import field_mask_pb2
from google.protobuf.json_format import ParseDict

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.type.v1 import audio_pb2
from services.speech.listening.standins import loud, quiet
from services.speech.serving import FORMAT, MOST_PHRASE_SETS, Served, config, messages
from unit.core.support import Failure, failure_of

PUMPS = {"displayName": "Pumps", "phrases": [{"value": "start the zorbex", "boost": 3}], "boost": 7}


def phrase_set(content: dict[str, Any] = PUMPS, **more: Any) -> pb.PhraseSet:
    return ParseDict({**content, **more}, pb.PhraseSet())


async def create(served: Served, key: str = "pumps", content: dict[str, Any] = PUMPS) -> pb.PhraseSet:
    request = pb.CreatePhraseSetRequest(phrase_set_id=key, phrase_set=phrase_set(content))
    created: pb.PhraseSet = await served.stub.CreatePhraseSet(request)
    return created


async def get(served: Served, name: str = "phraseSets/pumps") -> pb.PhraseSet:
    found: pb.PhraseSet = await served.stub.GetPhraseSet(pb.GetPhraseSetRequest(name=name))
    return found


async def update(served: Served, changed: pb.PhraseSet, *paths: str, **more: Any) -> pb.PhraseSet:
    mask = field_mask_pb2.FieldMask(paths=paths)
    request = pb.UpdatePhraseSetRequest(phrase_set=changed, update_mask=mask, **more)
    found: pb.PhraseSet = await served.stub.UpdatePhraseSet(request)
    return found


async def listed(served: Served, **options: Any) -> pb.ListPhraseSetsResponse:
    found: pb.ListPhraseSetsResponse = await served.stub.ListPhraseSets(pb.ListPhraseSetsRequest(**options))
    return found


async def test_a_set_that_was_created_is_kept(served: Served) -> None:
    created = await create(served)
    assert created.name == "phraseSets/pumps"
    assert (created.display_name, created.boost, created.phrases[0].value) == ("Pumps", 7, "start the zorbex")
    assert created.etag
    assert created.create_time == created.update_time
    assert created.create_time.seconds > 1_700_000_000
    assert await get(served) == created


async def test_what_the_service_decides_is_ignored_in_a_new_set(served: Served) -> None:
    given = phrase_set(name="phraseSets/other", etag="mine", createTime="2001-01-01T00:00:00Z")
    created = await served.stub.CreatePhraseSet(pb.CreatePhraseSetRequest(phrase_set_id="pumps", phrase_set=given))
    assert created.name == "phraseSets/pumps"
    assert created.etag != "mine"
    assert created.create_time.seconds > 1_700_000_000


async def test_the_service_makes_up_an_id(served: Served) -> None:
    one, other = await create(served, ""), await create(served, "")
    assert one.name != other.name
    assert await get(served, one.name) == one


async def test_an_id_is_taken_once(served: Served) -> None:
    await create(served)
    failure = await failure_of(create(served))
    assert (failure.code, failure.reason) == (grpc.StatusCode.ALREADY_EXISTS, "PHRASE_SET_EXISTS")


async def test_the_service_keeps_so_many_sets_and_no_more(served: Served) -> None:
    for number in range(MOST_PHRASE_SETS):
        await create(served, f"set-{number}")
    failure = await failure_of(create(served, "one-more"))
    assert (failure.code, failure.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "PHRASE_SETS_FULL")
    assert failure.retry_delay is None
    await served.stub.DeletePhraseSet(pb.DeletePhraseSetRequest(name="phraseSets/set-0"))
    await create(served, "one-more")


@pytest.mark.parametrize("name", ["phraseSets/none", "none", "phraseSets/", "phraseSets/A_B", "sessions/pumps"])
async def test_a_set_that_does_not_exist(served: Served, name: str) -> None:
    changed = phrase_set(name=name)
    for field, call in (
        ("name", get(served, name)),
        ("phrase_set.name", update(served, changed)),
        ("name", served.stub.DeletePhraseSet(pb.DeletePhraseSetRequest(name=name))),
    ):
        failure = await failure_of(call)
        assert list(failure.fields) == [field]
        assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, "PHRASE_SET_NOT_FOUND")


@pytest.mark.parametrize("key", ["ab", "Pumps", "1pump", "pump-", "p" * 64, "pumps/../x"])
async def test_an_id_has_a_form(served: Served, key: str) -> None:
    failure = await failure_of(create(served, key))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["phrase_set_id"])


@pytest.mark.parametrize(
    ("content", "reason", "field"),
    [
        ({}, "PHRASE_INVALID", "phrase_set.phrases"),
        ({"phrases": [{"value": "ok"}, {"value": "50 %"}]}, "PHRASE_INVALID", "phrase_set.phrases[1].value"),
        ({"phrases": [{"value": "go {where}"}]}, "SLOT_UNKNOWN", "phrase_set.phrases[0].value"),
        (
            {"phrases": [{"value": "ok"}], "pronunciations": [{"word": "ok", "phonemes": "o ?"}]},
            "PRONUNCIATION_INVALID",
            "phrase_set.pronunciations[0].phonemes",
        ),
        (
            {"phrases": [{"value": "ok"}], "slots": [{"name": "a", "unit": {}}, {"name": "a", "unit": {}}]},
            "INVALID_ARGUMENT",
            "phrase_set",
        ),
    ],
)
async def test_what_is_wrong_in_a_set(served: Served, content: dict[str, Any], reason: str, field: str) -> None:
    failure = await failure_of(create(served, content=content))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert list(failure.fields) == [field]


async def test_sets_are_listed_by_name_page_by_page(served: Served) -> None:
    for key in ("delta", "alpha", "charlie", "bravo"):
        await create(served, key)
    first = await listed(served, page_size=3)
    assert [one.name for one in first.phrase_sets] == ["phraseSets/alpha", "phraseSets/bravo", "phraseSets/charlie"]
    await create(served, "ada0")  # before the place where the next page begins: no set comes twice
    second = await listed(served, page_size=100, page_token=first.next_page_token)
    assert [one.name for one in second.phrase_sets] == ["phraseSets/delta"]
    assert second.next_page_token == ""
    assert len((await listed(served)).phrase_sets) == 5


async def test_a_page_that_ends_with_the_last_set_is_the_last(served: Served) -> None:
    await create(served, "alpha")
    assert (await listed(served, page_size=1)).next_page_token == ""


async def test_there_may_be_no_set(served: Served) -> None:
    assert await listed(served) == pb.ListPhraseSetsResponse()


@pytest.mark.parametrize("token", ["x", "!", "MWFscGhh", "é"])
async def test_a_page_token_is_one_of_the_service_s(served: Served, token: str) -> None:
    failure = await failure_of(listed(served, page_token=token))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")
    assert list(failure.fields) == ["page_token"]


async def test_the_fields_of_the_mask_change(served: Served) -> None:
    created = await create(served)
    given = pb.PhraseSet(name=created.name, display_name="New", boost=0)
    changed = await update(served, given, "boost")
    assert (changed.display_name, changed.boost) == ("Pumps", 0)
    assert changed.phrases == created.phrases
    assert changed.etag != created.etag
    assert changed.create_time == created.create_time
    assert changed.update_time.ToNanoseconds() > created.update_time.ToNanoseconds()
    assert await get(served) == changed


async def test_without_a_mask_what_is_given_changes(served: Served) -> None:
    created = await create(served)
    changed = await update(served, pb.PhraseSet(name=created.name, display_name="New"))
    assert (changed.display_name, changed.boost) == ("New", 7)


async def test_a_star_changes_all(served: Served) -> None:
    created = await create(served)
    changed = await update(served, pb.PhraseSet(name=created.name, phrases=[pb.Phrase(value="other")]), "*")
    assert (changed.display_name, changed.boost, changed.phrases[0].value) == ("", 0, "other")


@pytest.mark.parametrize("path", ["name", "etag", "create_time", "phrases.value", "nothing"])
async def test_a_mask_names_what_may_change(served: Served, path: str) -> None:
    created = await create(served)
    failure = await failure_of(update(served, pb.PhraseSet(name=created.name), path))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    # A path that is no path of the message is refused as JSON, too: only those of the message get so far.
    assert (failure.reason, list(failure.fields)) == ("UPDATE_MASK_INVALID", ["update_mask"])


async def test_a_change_that_makes_a_set_wrong_is_refused(served: Served) -> None:
    created = await create(served)
    failure = await failure_of(update(served, pb.PhraseSet(name=created.name), "phrases"))
    assert (failure.reason, list(failure.fields)) == ("PHRASE_INVALID", ["phrase_set.phrases"])
    assert await get(served) == created


async def test_an_etag_holds_a_change_back(served: Served) -> None:
    first = await create(served)
    second = await update(served, pb.PhraseSet(name=first.name, display_name="Two", etag=first.etag))
    for call in (
        update(served, pb.PhraseSet(name=first.name, display_name="Three", etag=first.etag)),
        served.stub.DeletePhraseSet(pb.DeletePhraseSetRequest(name=first.name, etag=first.etag)),
    ):
        failure = await failure_of(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    assert await get(served) == second


async def test_of_changes_at_the_same_time_with_one_etag_one_succeeds(served: Served) -> None:
    created = await create(served)

    async def change(name: str) -> Failure | None:
        try:
            await update(served, pb.PhraseSet(name=created.name, display_name=name, etag=created.etag))
        except grpc.aio.AioRpcError as error:
            return Failure(error.code())
        return None

    outcomes = await asyncio.gather(*(change(str(number)) for number in range(8)))
    assert outcomes.count(None) == 1
    assert {one.code for one in outcomes if one} == {grpc.StatusCode.ABORTED}


async def test_changes_of_different_fields_at_the_same_time_all_stay(served: Served) -> None:
    created = await create(served)
    await asyncio.gather(
        update(served, pb.PhraseSet(name=created.name, display_name="New")),
        update(served, pb.PhraseSet(name=created.name, boost=9)),
        update(served, pb.PhraseSet(name=created.name, phrases=[pb.Phrase(value="other")])),
    )
    found = await get(served)
    assert (found.display_name, found.boost, found.phrases[0].value) == ("New", 9, "other")


async def test_a_missing_set_may_be_created_by_a_change(served: Served) -> None:
    given = phrase_set(name="phraseSets/pumps")
    created = await update(served, given, "display_name", allow_missing=True)
    assert created.phrases == given.phrases
    failure = await failure_of(update(served, phrase_set(name="phraseSets/x"), allow_missing=True))
    assert failure.code is grpc.StatusCode.NOT_FOUND


async def test_a_change_names_its_set(served: Served) -> None:
    failure = await failure_of(update(served, phrase_set()))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["phrase_set.name"])


async def test_a_set_that_was_deleted_is_gone(served: Served) -> None:
    created = await create(served)
    await served.stub.DeletePhraseSet(pb.DeletePhraseSetRequest(name=created.name, etag=created.etag))
    assert (await failure_of(get(served))).reason == "PHRASE_SET_NOT_FOUND"
    await served.stub.DeletePhraseSet(pb.DeletePhraseSetRequest(name=created.name, allow_missing=True))


def adaptation(*sets: str | pb.PhraseSet) -> pb.SpeechAdaptation:
    return pb.SpeechAdaptation(
        phrase_sets=[
            pb.AdaptationPhraseSet(phrase_set=one)
            if isinstance(one, str)
            else pb.AdaptationPhraseSet(inline_phrase_set=one)
            for one in sets
        ]
    )


def recording() -> audio_pb2.Audio:
    return audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=quiet(1) + loud(2) + quiet(1)))


async def test_recognition_expects_the_phrases_of_sets(served: Served) -> None:
    await create(served)
    inline = phrase_set({"phrases": [{"value": "set {n} to zero"}], "slots": [{"name": "n", "number": {}}]})
    named = adaptation("phraseSets/pumps", inline)
    await served.stub.Recognize(pb.RecognizeRequest(audio=recording(), config=pb.RecognitionConfig(adaptation=named)))
    (expected,) = served.transcriber.expected
    assert {one.phrase: one.boost for one in expected} == {"start the zorbex": 3, "set": 5, "to zero": 5}


async def test_streams_and_sessions_expect_the_phrases_of_sets(served: Served) -> None:
    await create(served)
    one = config()
    one.config.adaptation.CopyFrom(adaptation("phraseSets/pumps"))
    sound = quiet(1) + loud(2) + quiet(1)
    _ = [answer async for answer in served.stub.StreamingRecognize(iter(messages(one, sound)))]
    opened = await served.stub.OpenSession(pb.OpenSessionRequest(recognition=one))
    await served.stub.PushAudio(pb.PushAudioRequest(session=opened.session, audio=sound))
    await served.stub.CloseSession(pb.CloseSessionRequest(session=opened.session))
    assert [[each.phrase for each in expected] for expected in served.transcriber.expected] == [
        ["start the zorbex"]
    ] * 2


async def test_a_recognition_names_what_is_wrong_with_its_sets(served: Served) -> None:
    for sets, reason, field in (
        (adaptation("phraseSets/none"), "PHRASE_SET_NOT_FOUND", "config.adaptation.phrase_sets[0].phrase_set"),
        (
            adaptation(phrase_set({"phrases": [{"value": "a + b"}]})),
            "PHRASE_INVALID",
            "config.adaptation.phrase_sets[0].inline_phrase_set.phrases[0].value",
        ),
        (
            adaptation(*[phrase_set({"phrases": [{"value": "word"}] * 600})] * 2),
            "TOO_MANY_PHRASES",
            "config.adaptation.phrase_sets",
        ),
    ):
        request = pb.RecognizeRequest(audio=recording(), config=pb.RecognitionConfig(adaptation=sets))
        failure = await failure_of(served.stub.Recognize(request))
        assert failure.reason == reason
        assert list(failure.fields) == [field]
    wrong = config()
    wrong.config.adaptation.CopyFrom(adaptation("phraseSets/none"))
    failure = await failure_of(served.stub.StreamingRecognize(iter(messages(wrong))))
    assert failure.reason == "PHRASE_SET_NOT_FOUND"
    assert served.places.taken == 0
