"""A lock file that lacks an image says nothing about it, and whether its container starts may stay open.

Lock files go stale: a manifest gets another tag or digest, and the file still describes the image of before.
Only the image that the manifest names now counts, so its user, its groups and its program are unknown, and
checks that need them are silent. Nothing is asked of a registry here; who changes an image runs
`podproof images lock` again, which reads what is missing and leaves out what is no longer used.

**Fields:** `image`, where a lock file is used (`podproof-images.yaml` or `--images FILE`) and has no image of
this name or digest. **Allowed values:** names and digests that the lock file has, however they are written
(`nginx` and `docker.io/library/nginx:latest` are one image).

**Source:** none; lock files are Podproof's own.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ..findings import Finding, Severity
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import LOCKED_IMAGES


def _find(running: Running) -> Iterator[Finding]:
    for placed in running.containers:
        image = placed.container.image
        if image and placed.image is None and placed.setting.images:
            message = (
                f"{who(placed.container)} has image {image}, which is not in the lock file: "
                "run podproof images lock again"
            )
            # nothing is wrong with the manifest
            yield replace(warn(CHECK, placed, ("image",), message, label="not locked"), advice=True)


CHECK = EffectCheck(
    id="image-not-locked",
    summary="images that the lock file does not have",
    severity=Severity.NOTE,
    find=_find,
    when=LOCKED_IMAGES,
)
