"""The models of this service and the tensors it exchanges with them. Their recipes lie in `services/vision/models`."""

from sensorium_core.triton import ModelSpec, TensorSpec

EFFICIENTNET = ModelSpec(
    "efficientnet_lite0",
    inputs=(TensorSpec("image", "UINT8", (-1, 224, 224, 3)),),
    outputs=(
        TensorSpec("probabilities", "FP32", (-1, 1000)),
        TensorSpec("embedding", "FP32", (-1, 1280)),
    ),
)
TEXT_DETECTION = ModelSpec(
    "ppocrv6_text_detection",
    inputs=(TensorSpec("image", "UINT8", (-1, -1, -1, 3)),),
    outputs=(TensorSpec("probability_map", "UINT8", (-1, -1, -1)),),
)
LINE_ORIENTATION = ModelSpec(
    "ppocr_line_orientation",
    inputs=(TensorSpec("image", "UINT8", (-1, 48, 192, 3)),),
    outputs=(TensorSpec("probabilities", "FP32", (-1, 2)),),
)
TEXT_RECOGNITION = ModelSpec(
    "ppocrv6_text_recognition",
    inputs=(TensorSpec("image", "UINT8", (-1, 48, -1, 3)),),
    outputs=(
        TensorSpec("indices", "INT32", (-1, -1)),
        TensorSpec("confidences", "FP32", (-1, -1)),
        TensorSpec("space_confidences", "FP32", (-1, -1)),
    ),
)
CODE_DETECTION = ModelSpec(
    "arbez_code_detection",
    inputs=(TensorSpec("image", "UINT8", (-1, 640, 640, 3)),),
    outputs=(
        TensorSpec("boxes", "FP32", (-1, 100, 4)),
        TensorSpec("scores", "FP32", (-1, 100)),
        TensorSpec("classes", "INT32", (-1, 100)),
    ),
)

ALL = (EFFICIENTNET, TEXT_DETECTION, LINE_ORIENTATION, TEXT_RECOGNITION, CODE_DETECTION)
