"""For tests of what is planned: a pod as plans see it, of a spec in YAML."""

from collections.abc import Mapping
from typing import Any

import yaml

from podproof.effective.image import ImageConfig
from podproof.fixes.change import PodToFix
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge


def pod_to_fix(
    spec: str, images: Mapping[str, ImageConfig] = {}, runtime: str | None = None
) -> tuple[dict[str, Any], PodToFix]:
    """Give the object, and its pod."""
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": yaml.safe_load(spec)}
    judge = make_judge(ProjectConfiguration(), level="restricted", images=images, runtime=runtime)
    (judged,) = judge.judge(value).pods
    assert judged.processes, "its containers are not known"
    return value, PodToFix(("spec",), judged.containers, judged.places, judged.processes)
