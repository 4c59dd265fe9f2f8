"""Says of an object what was not judged: its value and its pods come in, routes with the reasons go out.

In a custom resource a setting may stand where nobody knows what becomes of it, and its controller may write
the containers itself. Workloads of the API server's own kinds are judged whole, so they are not asked about.
Parts of pods in policies and patches are patterns, not settings.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ..manifest.route import Route
from .custom_kind import CustomKind
from .names_inside import names_inside
from .own_kinds import GROUP as OWN_GROUP
from .workload import Fragment, Workload, group_of, is_native

__all__ = ["Unjudged", "pattern_in", "unjudged_in"]

_NAMES = frozenset(
    (
        "allowprivilegeescalation", "apparmorprofile", "hostipc", "hostnetwork", "hostpath", "hostpid",
        "hostpaths", "hostport", "hostprocess", "privileged", "procmount", "seccompprofile",
        "selinuxoptions", "sysctls",
    )
)  # fmt: skip
"""Fields of pods and containers that bear on security, in small letters: projects differ in theirs."""

_ZERO_COUNTS = "runAsUser"
"""The one whose 0 says something: the user is root."""

_OF_CAPABILITIES = frozenset(("addcapabilities", "capabilities", "capadd"))

_OF_KERNEL = ("AUDIT_", "BPF", "CAP_", "DAC_", "IPC_", "MAC_", "MKNOD", "NET_", "PERFMON", "SET", "SYS_")
"""How names of capabilities begin, where a list that is called so may hold something else."""

_CONTAINERS = frozenset(("containers", "initcontainers", "ephemeralcontainers"))

_OF_TEXT = ("ConfigMap", "Secret")
"""Kinds of the API server that hold text for others."""

_OF_BYTES = {"ConfigMap": "binaryData", "Secret": "data"}
"""Where they hold it in base64."""

_WITH_PARTS = frozenset(("ControllerRevision", "EphemeralContainers", "PodPreset", "PodStatusResult"))
"""Kinds of the API server that hold parts of pods and are no workloads."""

_POLICY = "PodSecurityPolicy"
"""A kind of the API server's of old, which is judged as what it is."""

_ABOUT = ("metadata", "status")
"""Where nothing stands that anybody applies; kubectl writes a copy of the object there."""

_MANIFEST = "a manifest stands in it as text"

_SHORTEST = 40
"""Characters of base64 below which no workload can stand in it."""

_MOST = 20
"""Routes that are named of one object."""

_LONGEST_KEPT = 64
"""Characters of a name that is worth remembering."""
_DEEPEST = 40
"""What is nested deeper counts as not judged without a look."""

_PATCH = "$patch"
_DIRECTIVES = (_PATCH, "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/")
"""Directives of a strategic merge patch. Source: kubernetes apimachinery, pkg/util/strategicpatch."""


class Unjudged(msgspec.Struct, frozen=True):
    """What of one object was not judged: `count` places, of which `routes` are the first, and the reasons."""

    count: int
    routes: tuple[Route, ...]
    reasons: tuple[str, ...]


def pattern_in(value: Any, workload: Workload | Fragment | None) -> str:
    """Say why an object is a pattern or a patch instead of what it seems to be; "" when it is neither."""
    if not isinstance(value, dict):
        return ""
    if workload is None:
        if _PATCH in value:
            return "a patch ($patch), not an object"
        return getattr(_known(value), "pattern", "")
    if isinstance(workload, Fragment) or workload.custom:
        return ""
    (template,) = workload.templates
    if not _has_image(template.pod.get("spec")) and _has_directive(value):
        return "a patch ($patch), not an object"
    return ""


def unjudged_in(
    value: Any, workload: Workload | Fragment | None, open_texts: Sequence[Route] = ()
) -> Unjudged | None:
    """Find what looks like container security outside of the pods that were judged; None: there is none.

    `open_texts` are the routes of texts that a controller replaces and without which a pod cannot be judged.
    """
    if not isinstance(value, dict):
        return None
    if workload is None and is_native(value.get("apiVersion")):
        return _unjudged_in_native(value)
    if isinstance(workload, Fragment) or (workload is not None and not workload.custom):
        return None
    if not isinstance(value.get("apiVersion"), str) or not isinstance(value.get("kind"), str):
        return None
    if group_of(value["apiVersion"]) == OWN_GROUP:
        return None  # judged as what it is
    known = _known(value)
    if known is not None and known.pattern:
        return None
    judged = {route for template in (workload.templates if workload else ()) for route in template.read}
    reasons: list[str] = []
    routes = _settings(value, judged, reasons)
    if known is not None:
        reasons[:0] = _reasons(value, known, routes)
    texts = _manifests(value) if workload is None else []
    if texts:
        routes += texts
        reasons.append(_MANIFEST)
    settings = _texts(value, _has_settings) if workload is None else []
    if settings:
        routes += settings
        reasons.append("settings of containers stand in it as text")
    if open_texts:
        routes += open_texts
        reasons.append("it is known only once the controller has replaced the text")
    if not routes and not reasons:
        return None
    return Unjudged(len(routes), tuple(routes[:_MOST]), tuple(dict.fromkeys(reasons)))


def _unjudged_in_native(value: dict[str, Any]) -> Unjudged | None:
    """Look at an object of the API server's groups that makes no pods by itself."""
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return None
    if kind == _POLICY or group_of(api_version) == "apiextensions.k8s.io":
        return None  # a schema has such names
    if kind in _OF_TEXT:
        texts = [*_manifests(value), *_encoded_manifests(value, _OF_BYTES[kind])]
        return Unjudged(len(texts), tuple(texts[:_MOST]), (_MANIFEST,)) if texts else None
    routes = _settings(value, set(), [], containers=True)
    if routes and kind not in _WITH_PARTS:
        from .tables.kinds import KNOWN  # large, and rarely asked

        if kind in KNOWN.get(api_version, ()):
            return None  # there are no pods in it, whatever its fields are called
    return Unjudged(len(routes), tuple(routes[:_MOST]), ()) if routes else None


def _known(value: dict[str, Any]) -> CustomKind | None:
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return None
    if is_native(api_version) and group_of(api_version) != "admissionregistration.k8s.io":
        return None
    from .custom_pods import custom_kind  # the catalogue: only for those who have custom resources

    return custom_kind(api_version, kind)


def _settings(
    value: dict[str, Any], judged: set[Route], reasons: list[str], *, containers: bool = False
) -> list[Route]:
    """Walk over what was not judged; settings that say no to something are left out.

    Of an object of a known kind inside of this one, the `reasons` are added, too. With `containers`, these
    count as well.
    """
    routes: list[Route] = []
    if not _may_have_settings(value, containers=containers):
        return routes
    stack: list[tuple[Route, Any]] = [((), value)]
    while stack:
        route, node = stack.pop()
        if route in judged or route in (("status",), ("metadata",)):
            continue
        if route and isinstance(node, dict) and "apiVersion" in node and (inner := _known(node)) is not None:
            inside: list[Route] = []
            reasons += _reasons(node, inner, inside)
            routes += [(*route, *below) for below in inside]
        small = _small(route[-1]) if route else ""
        named = small in _NAMES or small.endswith("securitycontext") or _sets_capabilities(small, node)
        named = named or (small == "runasuser" and isinstance(node, int))
        named = named or (containers and small in _CONTAINERS and isinstance(node, list))
        if named or (len(route) > _DEEPEST and isinstance(node, dict | list)):
            routes.append(route)
        elif isinstance(node, dict):
            stack.extend(
                ((*route, str(key)), node[key]) for key in reversed(node) if node[key] or key == _ZERO_COUNTS
            )
        elif isinstance(node, list):
            stack.extend(((*route, index), node[index]) for index in range(len(node) - 1, -1, -1))
    return routes


def _may_have_settings(value: dict[str, Any], *, containers: bool) -> bool:
    """Tell whether the names of the fields leave it open that there is anything for `_settings`."""
    looked_at = {key: held for key, held in value.items() if key not in _ABOUT}
    names = names_inside(looked_at.values(), _DEEPEST)
    if names is None or "apiVersion" in names:
        return True
    return any(
        (_known_meaning if len(name) <= _LONGEST_KEPT else _may_be_meant)(name, containers)
        for name in (*looked_at, *names)
        if isinstance(name, str)
    )


def _may_be_meant(name: object, containers: bool) -> bool:
    small = _small(name)
    if small in _NAMES or small in _OF_CAPABILITIES or small == _ZERO_COUNTS.lower():
        return True
    return small.endswith("securitycontext") or (containers and small in _CONTAINERS)


_known_meaning = lru_cache(4096)(_may_be_meant)


def _small(name: object) -> str:
    """Write a name in small letters, without what parts its words; that of an element is ""."""
    return name.lower().replace("-", "").replace("_", "") if isinstance(name, str) else ""


def _sets_capabilities(name: str, value: Any) -> bool:
    if name == "capabilities" and isinstance(value, dict):
        return "add" in value or "drop" in value
    if not isinstance(value, list) or name not in _OF_CAPABILITIES:
        return False
    names = (item.upper() for item in value if isinstance(item, str))
    return any(item == "ALL" or item.startswith(_OF_KERNEL) for item in names)


def _manifests(value: dict[str, Any]) -> list[Route]:
    """Find texts that hold the manifest of a workload: somebody may apply it."""
    return _texts(value, _is_manifest)


def _is_manifest(text: str) -> bool:
    return "containers" in text and "apiVersion" in text and "kind" in text


def _has_settings(text: str) -> bool:
    """Tell a text such as the values of a chart, with fields of pods or containers."""
    if "securityContext" not in text and "hostNetwork" not in text and "hostPID" not in text:
        return False
    return not _is_manifest(text) and ":" in text


def _texts(value: dict[str, Any], is_meant: Callable[[str], bool]) -> list[Route]:
    found: list[Route] = []
    stack: list[tuple[Route, Any]] = [((), value)]
    while stack:
        route, node = stack.pop()
        if isinstance(node, str):
            if is_meant(node):
                found.append(route)
        elif isinstance(node, dict):
            stack.extend(((*route, str(key)), node[key]) for key in reversed(node) if key not in _ABOUT)
        elif isinstance(node, list):
            stack.extend(((*route, index), node[index]) for index in range(len(node) - 1, -1, -1))
    return found


def _encoded_manifests(value: dict[str, Any], field: str) -> list[Route]:
    """Find manifests in base64, as `kubectl get` prints a Secret's."""
    from binascii import a2b_base64

    data = value.get(field)
    found: list[Route] = []
    for key, text in data.items() if isinstance(data, dict) else ():
        if not isinstance(text, str) or len(text) < _SHORTEST:
            continue
        try:
            written = a2b_base64(text.encode("ascii", "ignore"))
        except ValueError:
            continue
        if b"containers" in written and b"apiVersion" in written and b"kind" in written:
            found.append((field, str(key)))
    return found


def _reasons(value: dict[str, Any], known: CustomKind, routes: list[Route]) -> list[str]:
    from .custom_paths import walk

    reasons: list[str] = []
    for path, what in known.opaque:
        for route, setting in walk(value, path):
            if setting:
                routes.append(route)
                reasons.append(what)
    for source in known.pods:
        if source.written and any(isinstance(holder, dict) for _, holder in walk(value, source.path)):
            names = " and ".join(source.written)
            reasons.append(f"the controller writes {names} itself")
    return reasons


def _has_directive(value: Any) -> bool:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if any(isinstance(key, str) and key.startswith(_DIRECTIVES) for key in node):
                return True
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return False


def _has_image(spec: Any) -> bool:
    if not isinstance(spec, dict):
        return False
    for name in ("containers", "initContainers"):
        containers = spec.get(name)
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, dict) and container.get("image"):
                return True
    return False
