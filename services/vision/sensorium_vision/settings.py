"""Settings of the vision service, from environment variables with the prefix SENSORIUM_VISION_."""

from pydantic_settings import SettingsConfigDict

from sensorium_core.settings import Count, ServiceSettings
from sensorium_vision.decoding import ImageLimits


class VisionSettings(ServiceSettings):
    """Attributes beyond those of every service.

    Attributes:
        max_image_pixels: pixels of the largest picture.
        max_image_side: pixels along the longer side of the largest picture.
    """

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_VISION_", frozen=True)

    listen: str = "127.0.0.1:50051"
    metrics_port: int = 9101
    max_image_pixels: Count = 64_000_000
    max_image_side: Count = 32_768

    def image_limits(self) -> ImageLimits:
        """The limits on pictures."""
        return ImageLimits(self.max_image_pixels, self.max_image_side)
