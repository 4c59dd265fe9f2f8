"""Which SELinux label is asked for: the container's options replace the pod's as a whole."""

from ..kube.pod import SELinuxOptions
from .container_in_pod import ContainerInPod
from .value import Field, Origin, Unknown

__all__ = ["requested_selinux", "resolve_selinux"]


def requested_selinux(placed: ContainerInPod) -> tuple[SELinuxOptions, Origin] | None:
    """Give the options that were asked for; None when nobody asked."""
    if placed.context.se_linux_options is not None:
        return placed.context.se_linux_options, placed.in_container("seLinuxOptions")
    if placed.pod_context.se_linux_options is not None:
        return placed.pod_context.se_linux_options, placed.in_pod("seLinuxOptions")
    return None


def resolve_selinux(placed: ContainerInPod) -> Field[str | None]:
    """Write the label as user:role:type:level with `*` for what the node fills in; None: no label at all.

    On a node without SELinux the options do nothing. Labels of privileged containers depend on the host.
    """
    asked = requested_selinux(placed)
    if placed.setting.node.selinux is False:
        return Field(None, Origin("runtime", (), "the node has no SELinux"))
    if asked is None:
        missing = (
            "not known whether the node has SELinux"
            if placed.setting.node.selinux is None
            else "the node's policy decides"
        )
        return Field(Unknown(missing), placed.by_runtime("label of its own choice"))
    options, origin = asked
    return Field(
        ":".join(part or "*" for part in (options.user, options.role, options.type, options.level)), origin
    )
