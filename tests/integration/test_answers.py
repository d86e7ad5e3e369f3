"""What the vision service says of real photographs, nameplates and codes, through a real Triton."""

from collections.abc import Callable, Iterable

import cv2
import numpy as np
import pytest

from sensorium.type.v1 import geometry_pb2, image_pb2, model_pb2, request_context_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1.vision_service_pb2_grpc import VisionServiceStub
from sensorium_client.stack import pictures

pytestmark = pytest.mark.integration

PLATE = "SN 2024-00871 MOTOR 7.5kW 1450rpm"
CHINESE = ("电机 型号 YE3-132M-4", "额定功率 7.5kW 编号 2024-00871", "转速 1450 r/min")


def image(picture: pictures.Picture, suffix: str = ".jpg", **fields: object) -> image_pb2.Image:
    return image_pb2.Image(encoded=pictures.encode(picture, suffix), **fields)  # type: ignore[arg-type]


def rendered(lines: Iterable[str], size: int = 44) -> pictures.Picture:
    """Dark text on a light plate, as flat as can be."""
    lines = list(lines)
    plate = np.full((60 + len(lines) * (size + 30), 60 + size * 24, 3), (206, 208, 204), np.uint8)
    for row, line in enumerate(lines):
        origin = (30, 30 + size + row * (size + 30))
        cv2.putText(plate, line, origin, (30, 30, 34), cv2.FontFace("uni"), size)
    return plate


def texts(response: pb.ReadTextResponse) -> list[str]:
    return [line.text for line in response.lines]


def corners(polygon: geometry_pb2.Polygon) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return np.array([[vertex.x, vertex.y] for vertex in polygon.vertices], np.float32)


@pytest.mark.parametrize(("photograph", "words"), [("coffee", ("espresso",)), ("chelsea", ("cat",))])
def test_photographs_get_the_label_a_person_would_give(
    vision: VisionServiceStub, photograph: str, words: tuple[str, ...]
) -> None:
    request = pb.ClassifyRequest(image=image(pictures.photograph(photograph)), options=pb.ClassifyOptions(top_k=3))
    response = vision.Classify(request)
    assert any(word in response.labels[0].name for word in words)
    assert len(response.labels) == 3
    scores = [label.score for label in response.labels]
    assert scores == sorted(scores, reverse=True)
    assert [(use.name, use.version) for use in response.models] == [("efficientnet_lite0", "1")]


def test_labels_below_the_minimum_score_are_left_out(vision: VisionServiceStub) -> None:
    picture = image(pictures.photograph("coffee"))
    response = vision.Classify(pb.ClassifyRequest(image=picture, options=pb.ClassifyOptions(top_k=1000, min_score=0.5)))
    assert [label.name for label in response.labels] == ["espresso"]


def test_embeddings_have_length_one_and_tell_like_from_unlike(vision: VisionServiceStub) -> None:
    def embedding(picture: pictures.Picture) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        return np.array(vision.Embed(pb.EmbedRequest(image=image(picture))).embedding.values, np.float32)

    coffee, cat = pictures.photograph("coffee"), pictures.photograph("chelsea")
    first, again, other = embedding(coffee), embedding(coffee[:, ::-1].copy()), embedding(cat)
    assert first.shape == (1280,)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert first @ again > 0.8
    assert first @ other < 0.5


VIEWS: dict[str, Callable[[pictures.Picture], pictures.Picture]] = {
    "upright": lambda plate: plate,
    "turned by 5 degrees": lambda plate: pictures.rotate(plate, 5),
    "turned by -12 degrees": lambda plate: pictures.rotate(plate, -12),
    "upside down": lambda plate: np.ascontiguousarray(plate[::-1, ::-1]),
    "on its side": lambda plate: np.ascontiguousarray(np.rot90(plate, 3)),
    "in perspective": pictures.perspective,
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("lines", [(PLATE,), CHINESE], ids=["English", "Chinese"])
def test_a_plate_is_read_without_an_error(vision: VisionServiceStub, lines: tuple[str, ...], view: str) -> None:
    response = vision.ReadText(pb.ReadTextRequest(image=image(VIEWS[view](rendered(lines)))))
    assert texts(response) == list(lines)


@pytest.mark.parametrize("view", VIEWS)
def test_an_engraved_metal_nameplate_is_read_without_an_error(vision: VisionServiceStub, view: str) -> None:
    response = vision.ReadText(pb.ReadTextRequest(image=image(VIEWS[view](pictures.nameplate()))))
    assert texts(response) == list(pictures.MOTOR_LINES)


def test_a_line_tells_where_it_is_how_it_runs_and_how_sure_each_character_is(vision: VisionServiceStub) -> None:
    canvas = np.full((700, 1400, 3), 120, np.uint8)
    plate = rendered([PLATE])
    canvas[400 : 400 + plate.shape[0], 200 : 200 + plate.shape[1]] = plate
    (line,) = vision.ReadText(pb.ReadTextRequest(image=image(canvas))).lines
    box = corners(line.polygon)
    assert box[:, 1].min() == pytest.approx(440, abs=18)
    assert box[:, 1].max() == pytest.approx(488, abs=18)
    assert box[:, 0].min() == pytest.approx(230, abs=18)
    assert line.rotation == pytest.approx(0, abs=1)
    assert "".join(character.text for character in line.characters) == line.text
    assert np.mean([character.confidence for character in line.characters]) == pytest.approx(line.confidence, abs=1e-5)


def test_rotation_and_first_corner_follow_the_reading_direction(vision: VisionServiceStub) -> None:
    plate = rendered([PLATE])
    upside_down = np.ascontiguousarray(plate[::-1, ::-1])
    (line,) = vision.ReadText(pb.ReadTextRequest(image=image(upside_down))).lines
    assert abs(line.rotation) == pytest.approx(180, abs=1.5)
    first, _, opposite, _ = corners(line.polygon)
    assert first[0] > opposite[0]
    assert first[1] > opposite[1]


def test_an_expected_pattern_marks_each_line(vision: VisionServiceStub) -> None:
    options = pb.ReadTextOptions(expected_pattern=r"\d{4}-\d{5}")
    response = vision.ReadText(pb.ReadTextRequest(image=image(rendered(CHINESE)), options=options))
    assert [line.matches_pattern for line in response.lines] == [False, True, False]
    assert response.lines[1].matched_text == "2024-00871"
    without = vision.ReadText(pb.ReadTextRequest(image=image(rendered(CHINESE))))
    assert not any(line.HasField("matches_pattern") for line in without.lines)


@pytest.mark.parametrize("size", [90, 40])
def test_a_photograph_of_4000_by_3000_reads(vision: VisionServiceStub, size: int) -> None:
    coffee = cv2.resize(pictures.photograph("coffee"), (4000, 3000), interpolation=cv2.INTER_CUBIC)
    scene = np.asarray(coffee, np.uint8)
    plate = rendered([PLATE], size=size)
    scene[2000 : 2000 + plate.shape[0], 1500 : 1500 + plate.shape[1]] = plate
    response = vision.ReadText(pb.ReadTextRequest(image=image(scene)))
    assert texts(response) == [PLATE]
    assert (response.image_size.width, response.image_size.height) == (4000, 3000)


def test_a_region_limits_what_is_read_and_results_stay_in_the_whole_picture(vision: VisionServiceStub) -> None:
    picture = rendered(CHINESE)
    top = 30 + 74
    region = geometry_pb2.Region(x=0, y=top, width=picture.shape[1], height=74)
    (line,) = vision.ReadText(pb.ReadTextRequest(image=image(picture, region=region))).lines
    assert line.text == CHINESE[1]
    assert corners(line.polygon)[:, 1].mean() == pytest.approx(top + 34, abs=12)


def test_a_picture_without_text_has_no_lines(vision: VisionServiceStub) -> None:
    assert texts(vision.ReadText(pb.ReadTextRequest(image=image(np.full((300, 400, 3), 128, np.uint8))))) == []


@pytest.mark.parametrize("radius", [0, 1.5, 3])
def test_a_qr_code_decodes_sharp_and_blurred(vision: VisionServiceStub, radius: float) -> None:
    scene = pictures.photograph("coffee")
    code = pictures.qr_code("SN=2024-00871", module=6)
    scene[60 : 60 + code.shape[0], 320 : 320 + code.shape[1]] = code
    (found,) = vision.ReadCodes(
        pb.ReadCodesRequest(image=image(pictures.blur(scene, radius) if radius else scene))
    ).codes
    assert found.text == "SN=2024-00871"
    assert found.raw_bytes == b"SN=2024-00871"
    assert found.symbology == pb.SYMBOLOGY_QR_CODE
    assert found.symbology_identifier == "]Q1"
    assert found.readable
    assert corners(found.polygon).mean(axis=0) == pytest.approx(
        [320 + code.shape[1] / 2, 60 + code.shape[0] / 2], abs=5
    )


def test_data_matrix_and_linear_codes_are_read_and_can_be_chosen(vision: VisionServiceStub) -> None:
    label = image(pictures.on_wall(pictures.part_label()), ".png")
    found = vision.ReadCodes(pb.ReadCodesRequest(image=label)).codes
    assert {code.symbology for code in found} == {pb.SYMBOLOGY_DATA_MATRIX, pb.SYMBOLOGY_CODE_128}
    options = pb.ReadCodesOptions(symbologies=[pb.SYMBOLOGY_DATA_MATRIX])
    (only,) = vision.ReadCodes(pb.ReadCodesRequest(image=label, options=options)).codes
    assert only.symbology == pb.SYMBOLOGY_DATA_MATRIX


def test_a_code_beyond_reading_is_still_reported_when_asked_for(vision: VisionServiceStub) -> None:
    scene = pictures.photograph("coffee")
    code = pictures.qr_code("SN=2024-00871", module=6)
    code[40:90, 40:90] = 255  # scratched off: more than the error correction mends
    code[20:60, 80:130] = 0
    scene[60 : 60 + code.shape[0], 320 : 320 + code.shape[1]] = code
    assert not vision.ReadCodes(pb.ReadCodesRequest(image=image(scene))).codes
    options = pb.ReadCodesOptions(include_unreadable=True)
    found = vision.ReadCodes(pb.ReadCodesRequest(image=image(scene), options=options)).codes
    assert found
    assert all(not code.readable and code.text == "" and code.detection_score > 0.3 for code in found)


def test_annotate_gives_what_the_single_calls_give(vision: VisionServiceStub) -> None:
    picture = image(pictures.on_wall(pictures.qr_label()))
    options = pb.AnnotateOptions(
        classify=pb.ClassifyOptions(top_k=2),
        embed=pb.EmbedOptions(),
        read_text=pb.ReadTextOptions(),
        read_codes=pb.ReadCodesOptions(),
    )
    everything = vision.Annotate(pb.AnnotateRequest(image=picture, options=options))
    alone = vision.Classify(pb.ClassifyRequest(image=picture, options=pb.ClassifyOptions(top_k=2)))
    assert [label.name for label in everything.labels] == [label.name for label in alone.labels]
    assert texts(vision.ReadText(pb.ReadTextRequest(image=picture))) == [line.text for line in everything.lines]
    codes = vision.ReadCodes(pb.ReadCodesRequest(image=picture)).codes
    assert [code.text for code in everything.codes] == [code.text for code in codes]
    assert len(everything.embedding.values) == 1280
    assert len(everything.models) == 5


def test_annotate_computes_only_what_is_asked_for(vision: VisionServiceStub) -> None:
    options = pb.AnnotateOptions(embed=pb.EmbedOptions())
    response = vision.Annotate(pb.AnnotateRequest(image=image(pictures.photograph("coffee")), options=options))
    assert [use.name for use in response.models] == ["efficientnet_lite0"]
    assert not response.labels
    assert not response.lines
    assert not response.codes


def test_the_context_is_echoed_and_the_time_is_accounted_for(vision: VisionServiceStub) -> None:
    context = request_context_pb2.RequestContext(
        request_id="r-1", meas_id="m", part_id="p", recipe_id="c", product_id="d", job_id="j", station="s"
    )
    request = pb.ClassifyRequest(context=context, image=image(pictures.photograph("coffee")))
    response, call = vision.Classify.with_call(request)
    assert response.context == context
    assert dict(call.trailing_metadata())["x-request-id"] == "r-1"
    timings = response.timings
    stages = [timings.decode, timings.preprocess, timings.triton_queue, timings.triton_compute, timings.postprocess]
    seconds = [stage.ToTimedelta().total_seconds() for stage in stages]
    assert seconds[0] > 0
    assert seconds[3] > 0
    assert sum(seconds) <= timings.total.ToTimedelta().total_seconds()


def test_a_request_id_is_made_up_where_none_is_given(vision: VisionServiceStub) -> None:
    response = vision.Classify(pb.ClassifyRequest(image=image(pictures.photograph("coffee"))))
    assert len(response.context.request_id) == 32


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp"])
def test_every_format_of_picture_is_taken(vision: VisionServiceStub, suffix: str) -> None:
    response = vision.Classify(pb.ClassifyRequest(image=image(pictures.photograph("coffee"), suffix)))
    assert response.labels[0].name == "espresso"


def test_a_raw_frame_gets_the_same_answer_as_a_file(vision: VisionServiceStub) -> None:
    picture = pictures.photograph("coffee")
    height, width = picture.shape[:2]
    frame = image_pb2.RawFrame(
        width=width, height=height, pixel_format=image_pb2.PIXEL_FORMAT_RGB8, data=picture.tobytes()
    )
    raw = vision.Classify(pb.ClassifyRequest(image=image_pb2.Image(raw_frame=frame)))
    file = vision.Classify(pb.ClassifyRequest(image=image(picture, ".png")))
    assert raw.labels[0].score == pytest.approx(file.labels[0].score, abs=1e-6)


def test_the_models_are_listed_with_what_they_can_do(vision: VisionServiceStub) -> None:
    models = {model.name: model for model in vision.ListModels(pb.ListModelsRequest()).models}
    assert set(models) == {
        "arbez_code_detection",
        "efficientnet_lite0",
        "ppocr_line_orientation",
        "ppocrv6_text_detection",
        "ppocrv6_text_recognition",
    }
    classifier = models["efficientnet_lite0"]
    assert set(classifier.capabilities) == {model_pb2.CAPABILITY_CLASSIFY, model_pb2.CAPABILITY_EMBED}
    assert len(classifier.labels) == 1000
    assert [(version.version, version.ready) for version in classifier.versions] == [("1", True)]
    assert classifier.input_limits.max_image_bytes == 32 * 1024 * 1024
    assert all(model.ready for model in models.values())
    assert len(models["ppocrv6_text_recognition"].labels) == 18710
