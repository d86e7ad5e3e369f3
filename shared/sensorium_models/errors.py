"""What can go wrong while models are built or checked; the texts are meant for the person who runs the build."""

__all__ = ["ModelError", "RecipeError", "WheelError"]


class ModelError(Exception):
    """Any failure of building, listing or checking models."""


class RecipeError(ModelError):
    """A recipe is missing, malformed, or made something that must not be served."""


class WheelError(ModelError):
    """A pinned wheel could not be fetched, or is not the file that was pinned."""
