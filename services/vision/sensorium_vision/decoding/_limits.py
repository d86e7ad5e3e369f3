"""How large a picture may be, and the check of a region; both before anything is decoded."""

from dataclasses import dataclass

from sensorium_core.errors import InvalidInputError
from sensorium_vision.domain import Region


@dataclass(frozen=True)
class ImageLimits:
    """Largest picture that is decoded: pixels in all, and pixels along its longer side."""

    max_pixels: int
    max_side: int

    def check(self, field: str, width: int, height: int) -> None:
        """Refuses a picture that is too large.

        Raises:
            InvalidInputError: IMAGE_TOO_LARGE.
        """
        if width * height > self.max_pixels or max(width, height) > self.max_side:
            text = (
                f"the picture has {width} x {height} pixels; at most {self.max_pixels} pixels "
                f"and {self.max_side} along a side are taken"
            )
            limits = {"max_pixels": str(self.max_pixels), "max_side": str(self.max_side)}
            raise InvalidInputError.field(field, text, reason="IMAGE_TOO_LARGE", **limits)


def check_region(region: Region, width: int, height: int) -> None:
    """Refuses a region that is not inside the picture.

    Raises:
        InvalidInputError: REGION_OUTSIDE_IMAGE.
    """
    if region.x + region.width > width or region.y + region.height > height:
        text = (
            f"x {region.x} to {region.x + region.width}, y {region.y} to {region.y + region.height} "
            f"is not inside the picture of {width} x {height} pixels"
        )
        raise InvalidInputError.field("image.region", text, reason="REGION_OUTSIDE_IMAGE")
