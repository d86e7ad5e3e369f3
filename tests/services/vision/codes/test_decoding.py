import cv2
import numpy as np
import pytest
import zxingcpp

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_vision.codes._decoding import (
    _FORMATS,
    decode_detection,
    decode_picture,
    in_order,
    overlap,
    unreadable,
)
from sensorium_vision.codes._detection import Detection
from sensorium_vision.domain import Code, Floats, Pixels, Symbology
from services.vision.codes.drawing import Drawn, colour, outline, pasted, qr, symbol

Format = zxingcpp.BarcodeFormat
TEXT = "SN 2024-00871"
GS1 = "[01]09501101530003[10]AB-123[21]12"
WEIGHT, WEIGHT_DATA = "[01]98898765432106[3202]012345", "01988987654321063202012345"
GS1_DATA = "010950110153000310AB-123\x1d2112"

# Format to write, content to write, then what must be read: symbology, text, symbology identifier.
SYMBOLS = [
    (Format.QRCode, TEXT, Symbology.QR_CODE, TEXT, "]Q1"),
    (Format.QRCodeModel2, TEXT, Symbology.QR_CODE, TEXT, "]Q1"),
    (Format.MicroQRCode, TEXT, Symbology.MICRO_QR_CODE, TEXT, "]Q1"),
    (Format.RMQRCode, TEXT, Symbology.RMQR_CODE, TEXT, "]Q1"),
    (Format.DataMatrix, TEXT, Symbology.DATA_MATRIX, TEXT, "]d1"),
    (Format.Aztec, TEXT, Symbology.AZTEC, TEXT, "]z0"),
    (Format.AztecRune, "123", Symbology.AZTEC, "123", "]zC"),
    (Format.PDF417, TEXT, Symbology.PDF417, TEXT, "]L2"),
    (Format.CompactPDF417, TEXT, Symbology.PDF417, TEXT, "]L2"),
    (Format.MicroPDF417, TEXT, Symbology.PDF417, TEXT, "]L2"),
    (Format.MaxiCode, TEXT, Symbology.MAXICODE, TEXT, "]U0"),
    (Format.Code128, TEXT, Symbology.CODE_128, TEXT, "]C0"),
    (Format.Code39, "SN-2024", Symbology.CODE_39, "SN-2024", "]A0"),
    (Format.Code39Ext, "sn-2024", Symbology.CODE_39, "sn-2024", "]A4"),
    (Format.Code93, "SN-2024", Symbology.CODE_93, "SN-2024", "]G0"),
    (Format.Codabar, "A12345B", Symbology.CODABAR, "A12345B", "]F0"),
    (Format.EAN13, "4006381333931", Symbology.EAN_13, "4006381333931", "]E0"),
    (Format.ISBN, "9783161484100", Symbology.EAN_13, "9783161484100", "]E0"),
    (Format.EAN8, "96385074", Symbology.EAN_8, "96385074", "]E4"),
    (Format.UPCA, "036000291452", Symbology.UPC_A, "0036000291452", "]E0"),
    (Format.UPCE, "01234565", Symbology.UPC_E, "0012345000065", "]E0"),
    (Format.ITF, "12345678", Symbology.ITF, "12345678", "]I0"),
    (Format.ITF14, "00012345678905", Symbology.ITF, "00012345678905", "]I1"),
    (Format.DataBarOmni, "0100012345678905", Symbology.GS1_DATABAR, "0100012345678905", "]e0"),
    (Format.DataBarStk, "0100012345678905", Symbology.GS1_DATABAR, "0100012345678905", "]e0"),
    (Format.DataBarStkOmni, "0100012345678905", Symbology.GS1_DATABAR, "0100012345678905", "]e0"),
    (Format.DataBarLtd, "0100012345678905", Symbology.GS1_DATABAR, "0100012345678905", "]e0"),
    (Format.DataBarExp, WEIGHT, Symbology.GS1_DATABAR, WEIGHT_DATA, "]e0"),
    (Format.DataBarExpStk, WEIGHT, Symbology.GS1_DATABAR, WEIGHT_DATA, "]e0"),
    (Format.TelepenAlpha, "SN2024", Symbology.OTHER_LINEAR, "SN2024", "]B0"),
]  # fmt: skip
NAMES = [barcode_format.name for barcode_format, *_ in SYMBOLS]
# Drawn and read to the pixel; of linear and stacked codes the decoder reports the part it read.
MATRIX = [Format.QRCode, Format.MicroQRCode, Format.DataMatrix, Format.Aztec]


def only(codes: list[Code]) -> Code:
    (code,) = codes
    return code


@pytest.mark.parametrize(("barcode_format", "content", "symbology", "text", "identifier"), SYMBOLS, ids=NAMES)
def test_every_symbology(
    barcode_format: Format, content: str, symbology: Symbology, text: str, identifier: str
) -> None:
    code = only(decode_picture(colour(np.pad(symbol(content, barcode_format), 20, constant_values=255))))
    assert (code.symbology, code.text, code.symbology_identifier) == (symbology, text, identifier)
    assert code.raw_bytes == text.encode()
    assert code.readable
    assert code.detection_score == 0.0
    assert code.polygon.dtype == np.float32


def test_every_symbology_but_other_has_formats_and_no_format_has_two() -> None:
    assert set(_FORMATS) == set(Symbology) - {Symbology.UNSPECIFIED, Symbology.OTHER_LINEAR}
    names = [name for names in _FORMATS.values() for name in names]
    assert len(names) == len(set(names))


def test_every_format_that_is_read_by_default_is_known() -> None:
    # What remains is "other linear"; a new format of the decoder must be placed here by a person.
    others = {"Telepen", "TelepenAlpha", "TelepenNumeric", "DXFilmEdge", "OtherBarcode", "EANUPC"}
    known = {name for names in _FORMATS.values() for name in names}
    readable = {
        barcode_format.name
        for barcode_format in zxingcpp.barcode_formats_list(zxingcpp.BarcodeFormats(Format.AllReadable))
    }
    assert readable <= known | others


@pytest.mark.parametrize("degrees", [0, 37, 90, 180])
@pytest.mark.parametrize("barcode_format", MATRIX, ids=lambda one: one.name)
def test_matrix_codes_are_outlined_within_two_pixels(barcode_format: Format, degrees: float) -> None:
    drawn = pasted(symbol(TEXT, barcode_format, 6), degrees, (900, 700), (520, 300))
    code = only(decode_picture(drawn.pixels))
    assert code.text == TEXT
    assert np.abs(code.polygon - drawn.corners).max() <= 2 * 2**0.5


LINEAR = pytest.mark.parametrize(
    ("barcode_format", "content"),
    [(Format.Code128, TEXT), (Format.EAN13, "4006381333931"), (Format.PDF417, TEXT), (Format.ITF, "12345678")],
    ids=lambda value: getattr(value, "name", ""),
)


@LINEAR
@pytest.mark.parametrize("degrees", [0, 90, 180])
def test_linear_codes_are_outlined_along_their_bars(barcode_format: Format, content: str, degrees: float) -> None:
    drawn = pasted(symbol(content, barcode_format, 4), degrees, (1100, 900), (520, 430))
    code = only(decode_picture(drawn.pixels))
    assert code.text == content
    assert_along_the_bars(code, drawn)


@LINEAR
@pytest.mark.parametrize("degrees", [-60, -30, 10, 37, 45, 100, 143])
def test_slanted_linear_codes_are_read_in_their_box(barcode_format: Format, content: str, degrees: float) -> None:
    drawn = pasted(symbol(content, barcode_format, 4), degrees, (1100, 900), (520, 430))
    code = decode_detection(drawn.pixels, detection(around(drawn.corners)))
    assert code is not None
    assert code.text == content
    assert_along_the_bars(code, drawn)


@pytest.mark.parametrize("degrees", range(-90, 91, 9))
@pytest.mark.parametrize("content", ["123456", "12345678901234"])
def test_no_fragment_of_a_slanted_itf_passes_for_a_code(content: str, degrees: int) -> None:
    drawn = pasted(symbol(content, Format.ITF, 3), degrees, (700, 700), (350, 350))
    assert {code.text for code in decode_picture(drawn.pixels)} <= {content}


def assert_along_the_bars(code: Code, drawn: Drawn) -> None:
    assert inside(code.polygon, drawn.corners, 6)
    left, right = (code.polygon[[0, 3]].mean(axis=0), code.polygon[[1, 2]].mean(axis=0))
    reading = (drawn.corners[1] - drawn.corners[0]) / np.linalg.norm(drawn.corners[1] - drawn.corners[0])
    assert float((right - left) @ reading) == pytest.approx(
        float(np.linalg.norm(drawn.corners[1] - drawn.corners[0])), rel=0.05
    )


def inside(points: Floats, corners: Floats, margin: float) -> bool:
    contour = corners.reshape(-1, 1, 2).astype(np.float32)
    return all(cv2.pointPolygonTest(contour, (float(x), float(y)), True) >= -margin for x, y in points)


def test_a_large_picture_is_searched_reduced_and_outlined_in_its_own_pixels() -> None:
    drawn = pasted(symbol(TEXT, Format.QRCode, 16), 20, (4000, 3000), (2900, 800))
    code = only(decode_picture(drawn.pixels))
    assert np.abs(code.polygon - drawn.corners).max() <= 6


def test_several_codes_and_none() -> None:
    picture = np.full((300, 700, 3), 255, np.uint8)
    picture[20:160, 20:160] = cv2.resize(colour(qr("one")), (140, 140), interpolation=cv2.INTER_NEAREST)
    second = colour(symbol("two", Format.DataMatrix, 5))
    picture[100 : 100 + second.shape[0], 400 : 400 + second.shape[1]] = second
    assert sorted(code.text for code in decode_picture(picture)) == ["one", "two"]
    assert decode_picture(np.full((300, 700, 3), 200, np.uint8)) == []
    assert decode_picture(np.zeros((1, 1, 3), np.uint8)) == []


def test_light_on_dark_is_read() -> None:
    assert only(decode_picture(255 - colour(qr(TEXT)))).text == TEXT


@pytest.mark.parametrize(
    ("barcode_format", "identifier"),
    [(Format.QRCode, "]Q3"), (Format.DataMatrix, "]d2"), (Format.Code128, "]C1"), (Format.Aztec, "]z1")],
    ids=lambda value: getattr(value, "name", ""),
)
def test_gs1_content_is_told_by_its_symbology_identifier(barcode_format: Format, identifier: str) -> None:
    code = only(decode_picture(colour(symbol(GS1, barcode_format, gs1=True))))
    assert (code.symbology_identifier, code.text) == (identifier, GS1_DATA)
    assert code.raw_bytes == GS1_DATA.encode()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("日本語 é".encode(), "日本語 é"),
        ("Größe".encode("latin1"), "Größe"),
        ("日本語".encode("shift_jis"), "日本語"),
        (b"P1234\x1dS5678\x1e\x04", "P1234\x1dS5678\x1e\x04"),  # separators, as in ISO 15434, are text
        (b"a\tb\r\n", "a\tb\r\n"),
        (bytes(range(256)), ""),
        (b"\x00\xff\xfe\x80\x81", ""),
        (b"a\x00b", ""),
    ],
)
def test_text_and_bytes_of_a_qr_code(content: bytes, text: str) -> None:
    code = only(decode_picture(colour(qr(content, mode="byte"))))
    assert code.raw_bytes == content
    assert code.text == text
    assert pb.Code(text=code.text, raw_bytes=code.raw_bytes).raw_bytes == content


@pytest.mark.parametrize("barcode_format", [Format.DataMatrix, Format.Aztec, Format.PDF417, Format.Code128])
def test_binary_content_of_other_codes(barcode_format: Format) -> None:
    code = only(decode_picture(colour(symbol(b"\x00\xff\xfe\x80\x81", barcode_format))))
    assert (code.raw_bytes, code.text) == (b"\x00\xff\xfe\x80\x81", "")


def test_a_character_set_that_the_code_declares() -> None:
    code = only(decode_picture(colour(qr("Größe €", encoding="utf-8", eci=True))))
    assert (code.text, code.raw_bytes) == ("Größe €", "Größe €".encode())


def test_a_wrong_declaration_of_the_character_set_hurts_nothing() -> None:
    good = segno_with_eci(b"\xff\xfe\xfd")
    code = only(decode_picture(colour(good)))
    assert code.raw_bytes == b"\xff\xfe\xfd"
    assert pb.Code(text=code.text).text == code.text


def segno_with_eci(content: bytes) -> Pixels:
    """A QR code that says UTF-8 and is not."""
    return qr(content, encoding="utf-8", eci=True, mode="byte")


def detection(box: tuple[float, float, float, float]) -> Detection:
    return Detection(box, 0.8, Symbology.QR_CODE)


def around(corners: Floats) -> tuple[float, float, float, float]:
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


@pytest.mark.parametrize(
    ("scale", "blur", "noise"),
    [
        pytest.param(4, 0.0, 0, id="clean"),
        pytest.param(2, 0.0, 0, id="small"),
        pytest.param(2, 0.8, 4, id="small and blurred"),
        pytest.param(6, 3.5, 0, id="blurred by half a module"),
        pytest.param(12, 7.0, 0, id="blurred by half a large module"),
        pytest.param(20, 0.0, 0, id="large"),
    ],
)
def test_a_box_is_decoded_through_blur_and_smallness(scale: int, blur: float, noise: int) -> None:
    code = qr(TEXT, scale)
    drawn = pasted(code, 4, (code.shape[1] * 3, code.shape[0] * 2), (code.shape[1] * 1.6, code.shape[0] * 0.9))
    pixels = cv2.GaussianBlur(drawn.pixels, (0, 0), blur) if blur else drawn.pixels
    jitter = np.random.default_rng(1).normal(0, noise, pixels.shape)
    pixels = np.clip(pixels + jitter, 0, 255).astype(np.uint8)
    found = decode_detection(pixels, detection(around(drawn.corners)))
    assert found is not None
    assert (found.text, found.detection_score) == (TEXT, 0.8)
    assert np.abs(found.polygon - drawn.corners).max() <= max(4, 1.5 * scale)


def test_what_holds_no_code_stays_unreadable() -> None:
    box = (30.0, 20.0, 90.0, 80.0)
    noise = np.random.default_rng(0).integers(0, 256, (100, 120, 3), np.uint8)
    assert decode_detection(noise, detection(box)) is None
    code = unreadable(detection(box))
    assert not code.readable
    assert (code.text, code.raw_bytes, code.symbology_identifier) == ("", b"", "")
    assert (code.symbology, code.detection_score) == (Symbology.QR_CODE, 0.8)
    assert code.polygon.tolist() == [[30, 20], [90, 20], [90, 80], [30, 80]]


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0, 0, 120, 1), (119, 99, 120, 100), (0, 0, 120, 100)])
def test_a_box_at_the_edge_of_the_picture(box: tuple[float, float, float, float]) -> None:
    assert decode_detection(np.full((100, 120, 3), 255, np.uint8), detection(box)) is None


def square(left: float, top: float, right: float, bottom: float) -> Floats:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (square(0, 0, 99, 99), square(0, 0, 99, 99), 1.0),
        (square(0, 0, 99, 99), square(10, 10, 19, 19), 1.0),
        (square(0, 0, 99, 99), square(50, 0, 149, 99), 0.5),
        (square(0, 0, 99, 99), square(200, 0, 299, 99), 0.0),
        (square(0, 0, 99, 99), square(10, 50, 90, 50), 1.0),  # read along one row
        (square(10, 50, 90, 50), square(10, 50, 90, 50), 1.0),
    ],
)
def test_overlap(first: Floats, second: Floats, expected: float) -> None:
    assert overlap(first, second) == pytest.approx(expected)
    assert overlap(second, first) == pytest.approx(expected)


def test_codes_are_ordered_from_top_to_bottom_then_left_to_right() -> None:
    places = [square(50, 10, 60, 20), square(0, 10, 10, 20), square(0, 0, 10, 10)]
    codes = [Code(Symbology.QR_CODE, str(i), b"", place) for i, place in enumerate(places)]
    assert [code.text for code in in_order(codes)] == ["2", "1", "0"]


def test_outline_of_a_drawing() -> None:
    assert outline(np.pad(np.zeros((3, 5), np.uint8), 2, constant_values=255)).tolist() == [
        [2, 2],
        [7, 2],
        [7, 5],
        [2, 5],
    ]
