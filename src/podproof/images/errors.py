"""What can be wrong with an image archive, a layout or a lock file."""

from ..errors import InputError

__all__ = ["ImageError"]


class ImageError(InputError):
    """Says which archive, blob, layer or file inside it cannot be used, and why."""
