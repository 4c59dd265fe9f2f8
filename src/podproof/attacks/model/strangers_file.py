"""Another user's file, 0600, in the scratch folder, one for each attacker: one rule for all trials on it."""

from .attack import Expectation, Owner, Scene
from .kernel_rules import ask_capability, own_user_namespace, unknown

__all__ = ["expect_owner_capability", "file_of", "owner_of_file", "strangers_file"]


def file_of(container: str) -> str:
    """Name the scratch folder's file that the attacker of a container tries; no other attacker touches it."""
    return f"another-users-file-for-{container}"


def strangers_file(scene: Scene) -> str:
    """Give the path of this attacker's file."""
    return f"{scene.scratch}/{file_of(scene.container)}"


def owner_of_file(scene: Scene) -> Owner:
    """Give the owner and mode which the file was made with."""
    return Owner(scene.stranger, scene.stranger, 0o600)


def expect_owner_capability(scene: Scene, name: str) -> Expectation:
    """Expect what one capability lets do to a file that this process does not own."""
    if scene.context.uid.value == scene.stranger:
        return unknown("the file is this process's own")
    if own_user_namespace(scene.context):
        return unknown("how the pod's user namespace maps the file's owner depends on the runtime")
    return ask_capability(scene.context, name)
