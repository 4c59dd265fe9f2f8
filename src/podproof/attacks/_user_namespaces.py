"""Making a user namespace: one rule for the attacks that try it.

RuntimeDefault refuses unshare(2) to containers without SYS_ADMIN; the kernel lets every user make one, unless
the node is set otherwise. Source: user_namespaces(7).
"""

from .model.attack import Expectation, Scene
from .model.kernel_rules import allowed, filtered, refused, unknown

__all__ = ["expect_user_namespace"]


def expect_user_namespace(scene: Scene) -> Expectation:
    """Expect what the filter and the node say to a new user namespace."""
    stopped = filtered(scene.context, "unshare")
    if stopped is None:
        return unknown(f"the seccomp profile {scene.context.seccomp.value} is not known here")
    if stopped:
        return refused(scene.node.unshare_error, why=f"seccomp {scene.context.seccomp.value} refuses unshare")
    if scene.node.user_namespaces is None:
        return unknown("whether the node's kernel allows user namespaces could not be read")
    if not scene.node.user_namespaces:
        return refused("EPERM", "ENOSPC", "EINVAL", why="the node's kernel allows no new user namespaces")
    return allowed("no seccomp filter, and the kernel lets every user make one")
