"""`localhostProfile` takes the profile's name, without the `localhost/` that the old annotations had.

The annotations said `localhost/audit.json`; the field is `localhostProfile: audit.json`. With the prefix,
the kubelet looks for a folder `localhost` below its seccomp folder, or for an AppArmor profile of that whole
name: the container does not start.

**Fields:** `localhostProfile` of `seccompProfile` and of `appArmorProfile`, of the pod and of each container,
unless the node (`--node FILE`, `seccomp_profiles`) has a seccomp profile of that name.

**Source:** kubernetes pkg/kubelet/kuberuntime/helpers.go, getSeccompProfile; k8s.io/api core/v1,
AppArmorProfile.
"""

from collections.abc import Iterator

from ..edits.edit import Edit, Fix
from ..findings import Finding, Route, Severity
from ..kube.pod import AppArmorProfile, SeccompProfile
from ._linux import linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import LOCALHOST_PROFILES

_LABEL = 'without "localhost/"'
_PREFIX = "localhost/"


def _find(running: Running) -> Iterator[Finding]:
    containers = linux_containers(running)
    if not containers:
        return
    first = containers[0][0]
    known = first.setting.node.seccomp_profiles or ()
    context = first.pod_context
    pod = (("seccompProfile", context.seccomp_profile), ("appArmorProfile", context.app_armor_profile))
    for field, profile in pod:
        if (name := _prefixed(profile, known)) is not None:
            route: Route = ("spec", "securityContext", field, "localhostProfile")
            yield warn(CHECK, None, route, _message("pod", field, name), label=_LABEL, fix=_fix(route, name))
    for placed, _ in containers:
        own = placed.context
        for field, profile in (
            ("seccompProfile", own.seccomp_profile),
            ("appArmorProfile", own.app_armor_profile),
        ):
            if (name := _prefixed(profile, known)) is not None:
                route = ("securityContext", field, "localhostProfile")
                message = _message(who(placed.container), field, name)
                yield warn(CHECK, placed, route, message, label=_LABEL, fix=_fix(route, name))


def _fix(route: Route, name: str) -> Fix:
    return Fix((Edit(route, "set", name.removeprefix(_PREFIX)),))


def _prefixed(profile: SeccompProfile | AppArmorProfile | None, known: tuple[str, ...]) -> str | None:
    name = profile.localhost_profile if profile is not None and profile.type == "Localhost" else None
    return name if name is not None and name.startswith(_PREFIX) and name not in known else None


def _message(about: str, field: str, name: str) -> str:
    return (
        f"{about} has {field}.localhostProfile: {name}, but this field takes no prefix "
        f'"{_PREFIX}", only the old annotation did: write localhostProfile: {name.removeprefix(_PREFIX)}'
    )


CHECK = EffectCheck(
    id="localhost-prefix",
    summary="the annotation's prefix localhost/ in a localhostProfile",
    severity=Severity.WARNING,
    find=_find,
    when=LOCALHOST_PROFILES,
)
