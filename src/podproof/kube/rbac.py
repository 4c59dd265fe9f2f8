"""Role-based access control, as far as it decides who may use an object: roles and bindings in, grants out.

Grants are worked out once, so that asking is a look-up. Nothing is granted by what cannot be read: a binding
to a role that does not exist, or a malformed rule, grants nothing and is named in `problems`.
Source: kubernetes 1.24.17 plugin/pkg/auth/authorizer/rbac, pkg/apis/rbac/v1/evaluation_helpers.go,
pkg/controller/clusterroleaggregation.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from .validation.metadata import selector_is_usable, selector_matches

__all__ = ["Grants", "UserInfo", "collect_grants", "is_selector", "service_account_user"]

KINDS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
_MASTERS = "system:masters"
_Names = frozenset[str] | None
"""Names of objects; None: all of them."""


class UserInfo(msgspec.Struct, frozen=True):
    """Who asks: a name and the groups that authentication found."""

    name: str
    groups: tuple[str, ...] = ()


def service_account_user(namespace: str, name: str) -> UserInfo:
    """Make the user that a service account is, with the two groups that it has when only named.

    `system:authenticated` is not among them: that is added by authentication, which did not happen.
    Source: apiserver pkg/authentication/serviceaccount/util.go.
    """
    return UserInfo(
        f"system:serviceaccount:{namespace}:{name}",
        ("system:serviceaccounts", f"system:serviceaccounts:{namespace}"),
    )


class Grants:
    """Who may use which objects, in which namespaces."""

    def __init__(self) -> None:
        self._by_subject: dict[tuple[str, str], dict[str, _Names]] = {}
        self.problems: list[str] = []

    def add(self, subject: tuple[str, str], namespace: str, names: _Names) -> None:
        """Grant objects to a subject (`User` or `Group`, name); namespace "" means everywhere."""
        places = self._by_subject.setdefault(subject, {})
        if namespace not in places:
            places[namespace] = names
        else:
            granted = places[namespace]
            places[namespace] = None if granted is None or names is None else granted | names

    def allow(self, user: UserInfo, namespace: str, name: str) -> bool:
        """Say whether the user may use the object of that name in the namespace."""
        if _MASTERS in user.groups:
            return True
        subjects = [("User", user.name), *(("Group", group) for group in user.groups)]
        for subject in subjects:
            places = self._by_subject.get(subject)
            if places is None:
                continue
            for place in ("", namespace):
                if place in places:
                    names = places[place]
                    if names is None or name in names:
                        return True
        return False


def collect_grants(
    objects: Iterable[Mapping[str, Any]], *, verb: str, resource: str, api_groups: Sequence[str]
) -> Grants:
    """Work out who may `verb` the objects of a resource, in any of the API groups, from RBAC objects."""
    roles: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    bindings: list[Mapping[str, Any]] = []
    grants = Grants()
    for object_ in objects:
        kind, metadata = object_.get("kind"), _mapping(object_.get("metadata"))
        if kind in ("Role", "ClusterRole"):
            namespace = _text(metadata.get("namespace")) if kind == "Role" else ""
            roles[(kind, namespace, _text(metadata.get("name")))] = object_
        elif kind in ("RoleBinding", "ClusterRoleBinding"):
            bindings.append(object_)
    given: dict[tuple[str, str, str], _Names | Literal[False]] = {}
    cluster_roles = [role for key, role in roles.items() if key[0] == "ClusterRole"]
    for binding in bindings:
        _bind(grants, binding, roles, cluster_roles, given, (verb, resource, frozenset(api_groups)))
    return grants


_Asked = tuple[str, str, frozenset[str]]


def _bind(
    grants: Grants,
    binding: Mapping[str, Any],
    roles: Mapping[tuple[str, str, str], Mapping[str, Any]],
    cluster_roles: Sequence[Mapping[str, Any]],
    given: "dict[tuple[str, str, str], _Names | Literal[False]]",
    asked: _Asked,
) -> None:
    metadata, reference = _mapping(binding.get("metadata")), _mapping(binding.get("roleRef"))
    everywhere = binding.get("kind") == "ClusterRoleBinding"
    namespace = "" if everywhere else _text(metadata.get("namespace"))
    label = f"{binding.get('kind')} {_text(metadata.get('name'))!r}"
    kind, name = _text(reference.get("kind")), _text(reference.get("name"))
    if kind not in ("Role", "ClusterRole") or (everywhere and kind == "Role"):
        grants.problems.append(f"{label} grants nothing: its roleRef names no role that it may bind")
        return
    if not everywhere and not namespace:
        grants.problems.append(f"{label} grants nothing: it has no namespace")
        return
    key = (kind, namespace if kind == "Role" else "", name)
    role = roles.get(key)
    if role is None:
        grants.problems.append(f"{label} grants nothing: there is no {kind} {name!r}")
        return
    if key not in given:
        given[key] = _given_by(role, cluster_roles, asked, grants.problems)
    names = given[key]
    if names is False:
        return
    for subject in _list(binding.get("subjects")):
        key_of_subject = _subject(_mapping(subject), namespace)
        if key_of_subject is None:
            grants.problems.append(f"{label} has a subject that is not a user, group or service account")
        else:
            grants.add(key_of_subject, namespace, names if isinstance(names, frozenset) else None)


def _subject(subject: Mapping[str, Any], namespace: str) -> tuple[str, str] | None:
    kind, name = subject.get("kind"), _text(subject.get("name"))
    if not name:
        return None
    if kind == "ServiceAccount":
        home = _text(subject.get("namespace")) or namespace
        return ("User", f"system:serviceaccount:{home}:{name}") if home else None
    return (kind, name) if kind in ("User", "Group") else None


def _given_by(
    role: Mapping[str, Any], cluster_roles: Sequence[Mapping[str, Any]], asked: _Asked, problems: list[str]
) -> "_Names | Literal[False]":
    """Say which objects a role lets use: a set of names, None for all, False for none."""
    names: set[str] = set()
    for rule in _rules(role, cluster_roles, problems, set()):
        granted = _given_by_rule(rule, asked)
        if granted is None:
            return None
        if granted is not False:
            names |= granted
    return frozenset(names) or False


def _given_by_rule(rule: Mapping[str, Any], asked: _Asked) -> "_Names | Literal[False]":
    verb, resource, api_groups = asked
    groups = _texts(rule.get("apiGroups"))
    if (
        not ("*" in groups or any(group in api_groups for group in groups))
        or not {verb, "*"} & set(_texts(rule.get("verbs")))
        or not {resource, "*"} & set(_texts(rule.get("resources")))
    ):
        return False
    names = rule.get("resourceNames")
    if names is None or names == []:
        return None
    return frozenset(_texts(names)) or False


def _rules(
    role: Mapping[str, Any], cluster_roles: Sequence[Mapping[str, Any]], problems: list[str], seen: set[str]
) -> list[Mapping[str, Any]]:
    """Return a role's rules; those of an aggregated one are its sources', as the controller writes them.

    Roles that aggregate each other, or themselves, are visited once.
    """
    aggregation = role.get("aggregationRule")
    if role.get("kind") != "ClusterRole" or aggregation is None:
        return [_mapping(rule) for rule in _list(role.get("rules"))]
    name = _text(_mapping(role.get("metadata")).get("name"))
    seen.add(name)
    rules: list[Mapping[str, Any]] = []
    for selector in _list(_mapping(aggregation).get("clusterRoleSelectors")):
        if not is_selector(selector):
            problems.append(f"ClusterRole {name!r} has an aggregation rule that cannot be read")
            continue
        for other in cluster_roles:
            metadata = _mapping(other.get("metadata"))
            if _text(metadata.get("name")) not in seen and selector_matches(
                selector, _mapping(metadata.get("labels"))
            ):
                rules += _rules(other, cluster_roles, problems, seen)
    return rules


def is_selector(value: Any) -> bool:
    """Say whether a value is a label selector that the API server would take."""
    if not isinstance(value, Mapping):
        return False
    labels, expressions = value.get("matchLabels"), value.get("matchExpressions")
    labels = {} if labels is None else labels
    expressions = [] if expressions is None else expressions
    if not isinstance(labels, Mapping) or not isinstance(expressions, list | tuple):
        return False
    texts: list[Any] = [*labels, *(label for label in labels.values() if label is not None)]
    for expression in expressions:
        if not isinstance(expression, Mapping):
            return False
        values = expression.get("values") or []
        if not isinstance(values, list | tuple):
            return False
        texts += [expression.get("key"), expression.get("operator"), *values]
    return all(isinstance(text, str) for text in texts) and selector_is_usable(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _texts(value: Any) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
