"""What is known of images, by the references that manifests use."""

from collections.abc import Iterator, Mapping

from ..effective.image import ImageConfig
from .reference import digest_of, normalize

__all__ = ["Catalog"]


class Catalog(Mapping[str, ImageConfig]):
    """Maps a reference as manifests write it to facts; `nginx` finds `docker.io/library/nginx:latest`.

    A reference with a digest finds the image of that digest, whatever its name.
    """

    def __init__(self, images: Mapping[str, ImageConfig]) -> None:
        self._images = dict(images)
        self._full = {normalize(reference): config for reference, config in images.items()}
        self._digests = {config.digest: config for config in images.values() if config.digest}

    def __getitem__(self, reference: str) -> ImageConfig:
        digest = digest_of(reference)
        if digest is not None and digest in self._digests:
            return self._digests[digest]
        return self._full[normalize(reference)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._images)

    def __len__(self) -> int:
        return len(self._images)

    def merged(self, other: "Catalog") -> "Catalog":
        """Put another catalog's images over this one's."""
        return Catalog({**self._images, **other._images})
