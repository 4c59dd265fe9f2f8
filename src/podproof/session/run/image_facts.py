"""What is known of the images that a pod runs from: the pod and its running containers go in, facts come out.

An image's passwd and group are read from a running container if nothing else tells them. Nothing is pulled.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...effective.image import ImageConfig
from ...kube.visit import visit_mappings
from ...runtimes.engine import Engine
from ...runtimes.observation.accounts import with_accounts
from ...runtimes.pods.values import RunningContainer

__all__ = ["Facts", "KnownImage", "configs_of", "known_images"]

Facts = Callable[[str], ImageConfig | None]
"""Tells of an image, by reference, what the engine does not."""


class KnownImage(msgspec.Struct, frozen=True):
    """An image as the engine has it; None stands for what is not known."""

    config: ImageConfig | None
    digest: str | None


def known_images(
    pod: Mapping[str, Any], running: Mapping[str, RunningContainer], *, engine: Engine, facts: Facts
) -> dict[str, KnownImage]:
    """Look up every image of the pod, by reference; `running` are its containers, by name."""
    known: dict[str, KnownImage] = {}
    for _, container, _ in visit_mappings(pod["spec"]):
        reference = container.get("image") or ""
        record = engine.image(reference)
        config = facts(reference) or (record.config if record is not None else None)
        before = known.get(reference)
        if before is not None and before.config is not None:
            config = before.config
        process = running.get(container["name"])
        config = with_accounts(config, process.pid if process is not None else None)
        known[reference] = KnownImage(config, (record.digest or record.id) if record is not None else None)
    return known


def configs_of(images: Mapping[str, KnownImage]) -> dict[str, ImageConfig]:
    """Give the configurations of the images that have one, by reference."""
    return {reference: image.config for reference, image in images.items() if image.config is not None}
