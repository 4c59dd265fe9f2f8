"""Which AppArmor profile confines the process: container over annotation over pod over the default."""

from ..kube.pod import AppArmorProfile
from .container_in_pod import ContainerInPod
from .value import Field, Origin, Unknown

__all__ = ["ANNOTATION_PREFIX", "requested_apparmor", "resolve_apparmor"]

ANNOTATION_PREFIX = "container.apparmor.security.beta.kubernetes.io/"


def requested_apparmor(placed: ContainerInPod) -> tuple[AppArmorProfile, Origin] | None:
    """Give the profile that was asked for; None when nobody asked.

    Source: kubernetes pkg/security/apparmor/helpers.go.
    """
    if placed.context.app_armor_profile is not None:
        return placed.context.app_armor_profile, placed.in_container("appArmorProfile")
    annotation = _annotation(placed)
    if annotation is not None:
        return annotation
    if placed.pod_context.app_armor_profile is not None:
        return placed.pod_context.app_armor_profile, placed.in_pod("appArmorProfile")
    return None


def resolve_apparmor(placed: ContainerInPod) -> Field[str]:
    """Name the profile: `Unconfined`, `RuntimeDefault` or `Localhost/NAME`.

    Where the node has no AppArmor, nothing confines. Privileged skips RuntimeDefault but not Localhost.
    """
    asked = requested_apparmor(placed)
    if placed.setting.node.apparmor is False and asked is None:
        return Field("Unconfined", Origin("runtime", (), "the node has no AppArmor"))
    if asked is not None:
        profile, origin = asked
        if profile.type == "Localhost":
            return Field(f"Localhost/{profile.localhost_profile or ''}", origin)
        if profile.type != "RuntimeDefault":
            return Field("Unconfined", origin)
    if placed.privileged:
        return Field("Unconfined", placed.in_container("privileged", text="privileged: no default profile"))
    if asked is not None:
        return Field("RuntimeDefault", asked[1])
    if placed.setting.node.apparmor is None:
        return Field(Unknown("not known whether the node has AppArmor"), placed.by_runtime("default profile"))
    return Field("RuntimeDefault", placed.by_runtime("default profile"))


def _annotation(placed: ContainerInPod) -> tuple[AppArmorProfile, Origin] | None:
    metadata = placed.pod.metadata
    key = f"{ANNOTATION_PREFIX}{placed.container.name}"
    value = (metadata.annotations or {}).get(key) if metadata else None
    if value is None:
        return None
    route = ("metadata", "annotations", key)
    origin = placed.provenance.get(route) or Origin("pod", route)
    if value in ("", "runtime/default"):
        return AppArmorProfile("RuntimeDefault"), origin
    if value.startswith("localhost/"):
        return AppArmorProfile("Localhost", value.removeprefix("localhost/")), origin
    return AppArmorProfile("Unconfined"), origin
