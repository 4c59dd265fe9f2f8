"""Judges one object: a value of a document comes in, its pods, their verdicts and every finding go out.

The Judge is an immutable snapshot of what was asked (level, versions, checks); it is made once for a run. It
reads no files and computes no places: routes in the document are all it says.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from ...checks.model.acceptance import AcceptanceCheck, ReviewedObject
from ...checks.model.across import ContainerUser
from ...findings import ContainerRef, Finding, Route
from ...kube.fragment import NEUTRAL_NAME
from ...kube.pod import raw_pod
from ...kube.workload import Fragment, Template, Workload, find_workload
from ...manifest.document import Document
from ...results.checked import CheckedObject, ObjectRef, PodSecurity
from .effects import FindEffects
from .pods import reviews_of
from .suppress_repeats import uncovered, unrepeated

__all__ = ["Judge", "Judged"]

_LISTS: tuple[tuple[str, str], ...] = (
    ("initContainers", "init"),
    ("containers", "container"),
    ("ephemeralContainers", "ephemeral"),
)


class Judged(msgspec.Struct, frozen=True):
    """What there is to say about one object at `route` of its document.

    No `pods`: it is another object. Routes of findings are counted from the object, and so are those of
    `users`, given for each pod in turn. `policy` says of a PodSecurityPolicy whether it could be judged; of
    anything else it is None.
    """

    route: Route
    object: ObjectRef
    pods: tuple[CheckedObject, ...] = ()
    findings: tuple[Finding, ...] = ()
    users: tuple[tuple[ContainerUser, ...], ...] = ()
    policy: Literal["judged", "undecided"] | None = None


def _everything(_check: str) -> bool:
    return True


class Judge(msgspec.Struct, frozen=True):
    """What was asked: `level` and `version` as asked, `evaluated_version` and `minor` what they mean.

    `evaluate` gives the Pod Security verdict on a decoded, defaulted pod; `find_effects` what its settings
    really do on a node (None: nobody asked).
    """

    level: str
    version: str
    evaluated_version: str
    kubernetes_version: str
    minor: int
    evaluate: Callable[[Any], Any]
    acceptance: tuple[AcceptanceCheck, ...]
    find_effects: FindEffects | None = None

    def judge(
        self,
        document: Document,
        route: Route,
        value: Any,
        after_dots: bool = False,
        reports: Callable[[str], bool] = _everything,
    ) -> Judged:
        """Judge one object. `reports` tells which checks are heard: only those make advice a repetition."""
        found = find_workload(value)
        named = _object_ref(value)
        duplicates = tuple(d[len(route) :] for d in document.duplicates if d[: len(route)] == route)
        if found is None:
            return self._other(route, value, named, duplicates)
        pods: list[CheckedObject] = []
        findings: list[Finding] = []
        users: list[tuple[ContainerUser, ...]] = []
        for number, reviewed in enumerate(reviews_of(value, found, self.minor)):
            template, decoded = reviewed.template, reviewed.decoded_pod()
            seen = ReviewedObject(
                value=value,
                api_version=named.api_version,
                kind=named.kind,
                minor=self.minor,
                review=reviewed.review,
                to_value=reviewed.to_value,
                custom=found_custom(found),
                fragment=found if isinstance(found, Fragment) else None,
                duplicates=() if number else duplicates,
                after_dots=after_dots,
            )
            place = document.place(route + template.route) if template.route else None
            filled_in = isinstance(found, Fragment) and found.filled_in
            containers = {} if filled_in else _containers(template)
            pod = None if decoded is None else raw_pod(decoded)
            verdict = None if pod is None else self.evaluate(pod)
            pods.append(
                CheckedObject(
                    file=document.file,
                    document=document.index,
                    line=place.line if place is not None and found_custom(found) else _line(document, route),
                    object=named,
                    containers=tuple(containers.values()),
                    pod_security=self._verdict(verdict),
                )
            )
            told = [_with_container(f, containers) for check in self.acceptance for f in check.find(seen)]
            said: list[Finding] = []
            if verdict is not None and not verdict.allowed:
                said.extend(self._moved(f, template, containers) for f in verdict.findings)
            if pod is not None and self.find_effects is not None and (containers or not filled_in):
                claims = _claims(decoded)
                effects = self.find_effects(pod, named.name, named.namespace, not template.route, claims)
                said.extend(_with_container(_from_object(f, template), containers) for f in effects.findings)
                users.append(tuple(_user_from_object(user, template) for user in effects.users))
            findings.extend(unrepeated(told, said, reports))
            findings.extend(uncovered(said, reports))
        if isinstance(found, Fragment):
            findings = [_renamed(finding, found) for finding in findings]
        return Judged(route, named, tuple(pods), tuple(findings), tuple(users))

    def _other(self, route: Route, value: Any, named: ObjectRef, duplicates: tuple[Route, ...]) -> Judged:
        subject = ReviewedObject(
            value=value,
            api_version=named.api_version,
            kind=named.kind,
            minor=self.minor,
            duplicates=duplicates,
        )
        findings = [finding for check in self.acceptance for finding in check.find(subject)]
        if named.kind != "PodSecurityPolicy":
            return Judged(route, named, findings=tuple(findings))
        from .policy_object import judge_policy_object

        told = judge_policy_object(value, self.minor)
        policy: Literal["judged", "undecided"] | None = None
        if told is not None:
            findings.extend(told)
            policy = "undecided" if any(one.check == "wrong-type" for one in told) else "judged"
        return Judged(route, named, findings=tuple(findings), policy=policy)

    def _moved(self, finding: Finding, template: Template, containers: dict[Route, ContainerRef]) -> Finding:
        """Count a finding's routes from the object instead of from the pod, and say who forbids it."""
        moved = _from_object(finding, template)
        told = (*moved.help, f"{self.level}:{self.version} forbids it")
        return _with_container(msgspec.structs.replace(moved, help=told), containers)

    def _verdict(self, verdict: Any) -> PodSecurity | None:
        if verdict is None:
            return None
        return PodSecurity(self.level, self.version, verdict.allowed, verdict.reason, verdict.detail)


def found_custom(found: Workload | Fragment) -> bool:
    """Tell whether the pod was found by shape, so that its template's line tells more than the object's."""
    return isinstance(found, Workload) and found.custom


def _line(document: Document, route: Route) -> int:
    return document.place(route).line if route else document.line


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _object_ref(value: Any) -> ObjectRef:
    if not isinstance(value, dict):
        return ObjectRef()
    metadata = _mapping(value.get("metadata"))
    return ObjectRef(
        api_version=_text(value.get("apiVersion")),
        kind=_text(value.get("kind")),
        namespace=_text(metadata.get("namespace")),
        name=_text(metadata.get("name")) or _text(metadata.get("generateName")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _containers(template: Template) -> dict[Route, ContainerRef]:
    """Map the route of each container in the object to its reference; what is no container is left out."""
    spec = _mapping(template.pod.get("spec"))
    found: dict[Route, ContainerRef] = {}
    for field, kind in _LISTS:
        held = spec.get(field)
        for index, container in enumerate(held if isinstance(held, list) else ()):
            if not isinstance(container, dict):
                continue
            sidecar = kind == "init" and container.get("restartPolicy") == "Always"
            reference = ContainerRef(_text(container.get("name")) or "", "sidecar" if sidecar else kind)  # type: ignore[arg-type] # the four kinds of _LISTS
            found[template.source_route(("spec", field, index))] = reference
    return found


def _from_object(finding: Finding, template: Template) -> Finding:
    """Count a finding's routes from the object instead of from the pod."""
    route = template.source_route(finding.route)
    if not finding.related:
        return msgspec.structs.replace(finding, route=route)
    related = tuple(template.source_route(other) for other in finding.related)
    return msgspec.structs.replace(finding, route=route, related=related)


def _user_from_object(user: ContainerUser, template: Template) -> ContainerUser:
    related = tuple(template.source_route(route) for route in user.related)
    return msgspec.structs.replace(user, route=template.source_route(user.route), related=related)


def _claims(pod: Any) -> dict[str, str]:
    """Map the pod's volumes that are PersistentVolumeClaims to the claims' names."""
    found: dict[str, str] = {}
    for volume in _mapping(_mapping(pod).get("spec")).get("volumes") or ():
        claim = _text(_mapping(_mapping(volume).get("persistentVolumeClaim")).get("claimName"))
        name = _text(_mapping(volume).get("name"))
        if claim and name:
            found[name] = claim
    return found


def _with_container(finding: Finding, containers: dict[Route, ContainerRef]) -> Finding:
    if finding.container is not None:
        return finding
    for end in range(len(finding.route), -1, -1):
        reference = containers.get(finding.route[:end])
        if reference is not None:
            return msgspec.structs.replace(finding, container=reference)
    return finding


def _renamed(finding: Finding, found: Fragment) -> Finding:
    """Name what is written instead of what was filled in around it."""
    if found.what not in ("container's security context", "pod's security context") and not found.filled_in:
        return finding
    who = "the pod" if found.filled_in else "the container"
    message = finding.message.replace(f'container "{NEUTRAL_NAME}"', who)
    return msgspec.structs.replace(finding, message=message, container=None)
