"""`run --debug`: a plan and an image come in, and the plan's pod has an ephemeral container of it."""

from typing import Any

from ...errors import UsageError
from ...kube.image_name import default_pull_policy
from .plan import Plan, random_letters

__all__ = ["add_debugger"]


def add_debugger(plan: Plan, image: str, target: str | None, command: tuple[str, ...]) -> None:
    """Add the container to the first pod that has the container `target`; None: to the first pod.

    `command` empty: what the image runs. Raises UsageError: no pod has the target.
    """
    for planned in plan.pods:
        spec = planned.pod["spec"]
        if target is not None and target not in [container["name"] for container in spec["containers"]]:
            continue
        debugger: dict[str, Any] = {
            "name": f"debugger-{random_letters(5)}",
            "image": image,
            "imagePullPolicy": default_pull_policy(image),
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
        if target is not None:
            debugger["targetContainerName"] = target
        if command:
            debugger["command"] = list(command)
        spec.setdefault("ephemeralContainers", []).append(debugger)
        return
    raise UsageError(f"--target {target}: no pod has a container of that name")
