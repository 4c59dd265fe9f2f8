"""AppArmor confines what a container may touch; `Unconfined` lifts it.

Where nothing is set, the runtime's profile applies. Both the fields and the old annotations count, the latter
even for containers that do not exist.

**Restricted fields:** `appArmorProfile.type` in the security context of the pod and of every container, and
the annotations `container.apparmor.security.beta.kubernetes.io/*`. **Allowed values:** unset,
`RuntimeDefault`, `Localhost`; in the annotations the empty string, `runtime/default`, `localhost/*`.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_appArmorProfile.go.
"""

from collections.abc import Iterator

from ..kube.go_format import quote
from ..kube.pod import AppArmorProfile, Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from ._text import names, plural, quoted, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value

_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_ROUTE = ("securityContext", "appArmorProfile", "type")
_TYPES = ("RuntimeDefault", "Localhost")


def _evaluate(pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    sc = spec.security_context
    profile = sc.app_armor_profile if sc is not None else None
    at_pod = profile is not None and profile.type not in _TYPES
    bad: list[tuple[Container, str]] = []
    for c in containers:
        csc = c.security_context
        own = csc.app_armor_profile if csc is not None else None
        if own is not None and own.type not in _TYPES:
            bad.append((c, own.type or ""))
    annotations = pod.metadata.annotations if pod.metadata is not None else None
    forbidden: dict[str, str] = {}
    if annotations:
        for key, raw in annotations.items():
            if key.startswith(_PREFIX):
                value = raw or ""
                if value not in ("", "runtime/default") and not value.startswith("localhost/"):
                    forbidden[key] = value
    if not at_pod and not bad and not forbidden:
        return None
    setters: list[str] = []
    types = {kind for _, kind in bad}
    if profile is not None and at_pod:
        setters.append("pod")
        types.add(profile.type or "")
    if bad:
        setters.append(names([c for c, _ in bad]))
    printed = sorted(f"{key}={quote(value)}" for key, value in forbidden.items())
    if printed:
        setters.append(plural(len(printed), "annotation", "annotations"))
    shown = [*sorted(types), *printed]
    return Violation(
        plural(len(shown), "forbidden AppArmor profile", "forbidden AppArmor profiles"),
        f"{' and '.join(setters)} must not set AppArmor profile type to {quoted(shown)}",
        lambda: _spots(profile if at_pod else None, bad, forbidden),
    )


def _spots(
    at_pod: AppArmorProfile | None, bad: list[tuple[Container, str]], forbidden: dict[str, str]
) -> Iterator[Spot]:
    label = "remove it, or write RuntimeDefault"
    if at_pod is not None:
        message = f'pod must not set appArmorProfile.type to "{at_pod.type or ""}"'
        yield Spot(None, ("spec", *_ROUTE), message, label, remove_value(("spec", *_ROUTE[:-1])))
    for c, kind in bad:
        if not _copied(c, kind, forbidden):
            message = f'{who(c)} must not set appArmorProfile.type to "{kind}"'
            yield Spot(c, _ROUTE, message, label, remove_value(_ROUTE[:-1]))
    for key, value in forbidden.items():
        container = key[len(_PREFIX) :]
        message = f'pod must not set the AppArmor profile of container "{container}" to "{value}"'
        route = ("metadata", "annotations", key)
        yield Spot(None, route, message, "remove it, or write runtime/default", remove_value(route))


def _copied(c: Container, kind: str, forbidden: dict[str, str]) -> bool:
    """Say whether the field is only the server's copy of the annotation, which has a place of its own."""
    return kind == "Unconfined" and forbidden.get(_PREFIX + (c.name or "")) == "unconfined"


CHECK = PodSecurityCheck(
    id="app-armor-profile",
    upstream_id="appArmorProfile",
    summary="AppArmor turned off",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(
        ((PodSecurityContext, "app_armor_profile"), (SecurityContext, "app_armor_profile")), (_PREFIX,)
    ),
)
