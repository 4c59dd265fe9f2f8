"""Names of images in short: whole where there is room, and what tells them apart where there is little."""

import pytest

from podproof.outputs.image_names import shorten_images

LONG = "us-central1-docker.pkg.dev/boutique/demo/cart:v1"
DIGEST = "redis@sha256:987c376c727652f99625c7d205a1cba3cb2c53b92b0b62aade2bd48ee1593232"


@pytest.mark.parametrize(
    ("images", "room", "shown"),
    [
        ([LONG], 100, LONG),
        ([LONG], 47, "us-central1-docker.pkg.dev/…/cart:v1"),
        ([DIGEST], 77, DIGEST),
        ([DIGEST], 76, "redis@sha256:987c376c7276…"),
        ([LONG, DIGEST], 80, f"{LONG}, redis@sha256:987c376c7276…"),
        ([LONG, DIGEST], 70, "us-central1-docker.pkg.dev/…/cart:v1, redis@sha256:987c376c7276…"),
        (["nginx:1.27"], 3, "nginx:1.27"),
        (["a/b", "@", "/", "x@y"], 3, "a/b, @, /, x@y"),
        ([f"a.b:5000/c/d/{DIGEST}"], 38, "a.b:5000/…/redis@sha256:987c376c7276…"),
    ],
)
def test_names_are_as_short_as_they_have_to_be(images: list[str], room: int, shown: str) -> None:
    assert shorten_images(images, room) == shown
