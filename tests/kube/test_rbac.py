"""Who may use what, by roles and bindings."""

from typing import Any

import pytest

from podproof.kube.rbac import Grants, UserInfo, collect_grants, is_selector, service_account_user

_RULE = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
_ANN = UserInfo("ann", ("dev", "system:authenticated"))


def _role(name: str = "r", kind: str = "ClusterRole", rules: Any = None, **metadata: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "rules": [_RULE] if rules is None else rules,
    }


def _bind(
    subject: dict[str, Any],
    role: str = "r",
    kind: str = "ClusterRole",
    namespace: str | None = None,
) -> dict[str, Any]:
    binding = "ClusterRoleBinding" if namespace is None else "RoleBinding"
    metadata = {"name": "b"} if namespace is None else {"name": "b", "namespace": namespace}
    return {
        "kind": binding,
        "metadata": metadata,
        "roleRef": {"kind": kind, "name": role},
        "subjects": [subject],
    }


def _grants(*objects: dict[str, Any]) -> Grants:
    return collect_grants(
        objects, verb="use", resource="podsecuritypolicies", api_groups=("policy", "extensions")
    )


_USER = {"kind": "User", "name": "ann"}


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (_RULE, True),
        ({**_RULE, "apiGroups": ["extensions"]}, True),
        ({**_RULE, "apiGroups": ["*"]}, True),
        ({**_RULE, "apiGroups": [""]}, False),
        ({**_RULE, "apiGroups": [["policy"], {}]}, False),
        ({**_RULE, "verbs": ["*"]}, True),
        ({**_RULE, "verbs": ["get", "list"]}, False),
        ({**_RULE, "resources": ["*"]}, True),
        ({**_RULE, "resources": ["pods"]}, False),
        ({**_RULE, "resourceNames": ["p"]}, True),
        ({**_RULE, "resourceNames": ["q"]}, False),
        ({**_RULE, "resourceNames": []}, True),
        ({**_RULE, "resourceNames": [7]}, False),
        ({}, False),
        ("nonsense", False),
    ],
)
def test_rules(rule: Any, allowed: bool) -> None:
    assert _grants(_role(rules=[rule]), _bind(_USER)).allow(_ANN, "n", "p") is allowed


@pytest.mark.parametrize(
    ("subject", "user", "allowed"),
    [
        (_USER, _ANN, True),
        ({"kind": "User", "name": "bob"}, _ANN, False),
        ({"kind": "Group", "name": "dev"}, _ANN, True),
        ({"kind": "Group", "name": "ann"}, _ANN, False),
        ({"kind": "Group", "name": "system:authenticated"}, _ANN, True),
        (
            {"kind": "ServiceAccount", "name": "robot", "namespace": "n"},
            service_account_user("n", "robot"),
            True,
        ),
        (
            {"kind": "ServiceAccount", "name": "robot", "namespace": "m"},
            service_account_user("n", "robot"),
            False,
        ),
        ({"kind": "ServiceAccount", "name": "robot"}, service_account_user("n", "robot"), False),
        ({"kind": "Group", "name": "system:serviceaccounts"}, service_account_user("n", "robot"), True),
        ({"kind": "Group", "name": "system:serviceaccounts:n"}, service_account_user("n", "robot"), True),
        ({"kind": "Group", "name": "system:serviceaccounts:m"}, service_account_user("n", "robot"), False),
        # the plugin asks for the account by name alone: nobody authenticated it
        ({"kind": "Group", "name": "system:authenticated"}, service_account_user("n", "robot"), False),
    ],
)
def test_subjects(subject: dict[str, Any], user: UserInfo, allowed: bool) -> None:
    assert _grants(_role(), _bind(subject)).allow(user, "n", "p") is allowed


def test_role_bindings_hold_in_their_namespace() -> None:
    grants = _grants(
        _role(),
        _role("l", "Role", namespace="n"),
        _bind(_USER, namespace="n"),
        _bind(_USER, "l", "Role", "m"),
    )
    assert grants.allow(_ANN, "n", "p")
    assert not grants.allow(_ANN, "m", "p")  # its Role lies in another namespace
    assert any("no Role 'l'" in problem for problem in grants.problems)


def test_a_service_account_without_namespace_is_the_bindings() -> None:
    grants = _grants(_role(), _bind({"kind": "ServiceAccount", "name": "robot"}, namespace="n"))
    assert grants.allow(service_account_user("n", "robot"), "n", "p")


def test_masters_may_do_everything() -> None:
    assert _grants().allow(UserInfo("root", ("system:masters",)), "n", "p")


def test_aggregated_roles_have_the_rules_of_their_sources() -> None:
    selector = {"clusterRoleSelectors": [{"matchLabels": {"to": "sum"}}]}
    total = {**_role("sum", rules=[]), "aggregationRule": selector}
    source = _role("source", labels={"to": "sum"})
    assert _grants(total, source, _bind(_USER, "sum")).allow(_ANN, "n", "p")
    assert not _grants(total, _role("other"), _bind(_USER, "sum")).allow(_ANN, "n", "p")


def test_aggregated_roles_may_refer_to_themselves() -> None:
    selector = {"clusterRoleSelectors": [{"matchLabels": {"to": "sum"}}]}
    one = {**_role("one", rules=[], labels={"to": "sum"}), "aggregationRule": selector}
    two = {**_role("two", rules=[], labels={"to": "sum"}), "aggregationRule": selector}
    assert not _grants(one, two, _bind(_USER, "one")).allow(_ANN, "n", "p")
    assert _grants(one, two, _role("three", labels={"to": "sum"}), _bind(_USER, "one")).allow(_ANN, "n", "p")


@pytest.mark.parametrize(
    "binding",
    [
        _bind(_USER, "missing"),
        _bind(_USER, kind="Role"),
        {
            "kind": "RoleBinding",
            "metadata": {},
            "roleRef": {"kind": "ClusterRole", "name": "r"},
            "subjects": [_USER],
        },
        {"kind": "ClusterRoleBinding", "roleRef": "r", "subjects": [_USER]},
        _bind({"kind": "Robot", "name": "ann"}),
        _bind({"kind": "User"}),
    ],
)
def test_what_cannot_be_read_grants_nothing_and_is_named(binding: dict[str, Any]) -> None:
    grants = _grants(_role(), binding)
    assert not grants.allow(_ANN, "n", "p")
    assert len(grants.problems) == 1


def test_ten_thousand_bindings() -> None:
    objects = [_bind({"kind": "User", "name": f"u{index}"}) for index in range(10_000)]
    grants = _grants(_role(), *objects)
    assert grants.allow(UserInfo("u9999"), "n", "p")
    assert not grants.allow(UserInfo("u10000"), "n", "p")


def test_a_selector_of_wrong_types_is_none() -> None:
    assert is_selector({})
    assert is_selector({"matchLabels": {"a": "b"}})
    for wrong in (
        7,
        {"matchLabels": {"a": True}},
        {"matchLabels": []},
        {"matchExpressions": {}},
        {"matchExpressions": [7]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": 7}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": [True]}]},
        {"matchExpressions": [{"key": 1, "operator": "Exists"}]},
    ):
        assert not is_selector(wrong)


NONE = "grants nothing: its roleRef names no role that it may bind"


@pytest.mark.parametrize(
    ("binding", "problem"),
    [
        (_bind(_USER, "missing"), "ClusterRoleBinding 'b' grants nothing: there is no ClusterRole 'missing'"),
        (_bind(_USER, "r", "Role", "n"), "RoleBinding 'b' grants nothing: there is no Role 'r'"),
        (_bind(_USER, kind="Role"), f"ClusterRoleBinding 'b' {NONE}"),
        (_bind(_USER, kind="User", namespace="n"), f"RoleBinding 'b' {NONE}"),
        ({"kind": "ClusterRoleBinding", "roleRef": "r"}, f"ClusterRoleBinding '' {NONE}"),
        (_bind(_USER, namespace=""), "RoleBinding 'b' grants nothing: it has no namespace"),
        (
            _bind({"kind": "Robot", "name": "ann"}),
            "ClusterRoleBinding 'b' has a subject that is not a user, group or service account",
        ),
        (
            _bind({"kind": "ServiceAccount", "name": "a"}),
            "ClusterRoleBinding 'b' has a subject that is not a user, group or service account",
        ),
    ],
)
def test_the_words_about_a_binding(binding: dict[str, Any], problem: str) -> None:
    assert _grants(_role(), binding).problems == [problem]


def test_the_words_about_an_aggregation() -> None:
    good, odd = {"matchLabels": {"to": "sum"}}, {"matchLabels": {"to": 7}}
    total = {**_role("sum", rules=[]), "aggregationRule": {"clusterRoleSelectors": [odd, good]}}
    grants = _grants(total, _role("source", labels={"to": "sum"}), _bind(_USER, "sum"))
    assert grants.problems == ["ClusterRole 'sum' has an aggregation rule that cannot be read"]
    assert grants.allow(_ANN, "n", "p"), "the selector after it counts"


def test_an_aggregated_role_has_no_rules_of_its_own() -> None:
    total = {**_role("sum"), "aggregationRule": {"clusterRoleSelectors": []}}
    assert not _grants(total, _bind(_USER, "sum")).allow(_ANN, "n", "p")
    # only a ClusterRole aggregates
    role = {**_role("sum", "Role", namespace="n"), "aggregationRule": {"clusterRoleSelectors": []}}
    assert _grants(role, _bind(_USER, "sum", "Role", "n")).allow(_ANN, "n", "p")
    assert _grants({**_role("sum"), "aggregationRule": None}, _bind(_USER, "sum")).allow(_ANN, "n", "p")


def _named(*names: str) -> dict[str, Any]:
    return {**_RULE, "resourceNames": list(names)}


@pytest.mark.parametrize(
    ("objects", "may"),
    [
        ([_role(rules=[_named("p"), _named("q", "s")]), _bind(_USER)], "pqs"),
        ([_role(rules=[_named("p"), {**_named("q"), "verbs": ["get"]}]), _bind(_USER)], "p"),
        ([_role(rules=[_named("p"), _RULE]), _bind(_USER)], "pqst"),
        ([_role(rules=[_RULE, _named("p")]), _bind(_USER)], "pqst"),
        # what several bindings grant is joined
        ([_role("r", rules=[_named("p")]), _role("o", rules=[_named("q")]), _bind(_USER), _bind(_USER, "o")],
         "pq"),
        ([_role("r", rules=[_named("p")]), _role("o"), _bind(_USER), _bind(_USER, "o")], "pqst"),
        ([_role("r"), _role("o", rules=[_named("p")]), _bind(_USER), _bind(_USER, "o")], "pqst"),
        # and what a namespace grants beside what holds everywhere
        ([_role("r", rules=[_named("p")]), _role("o", rules=[_named("q")]),
          _bind(_USER), _bind(_USER, "o", namespace="n")], "pq"),
        ([_role("r", rules=[_named("p")]), _role("o", rules=[_named("q")]),
          _bind(_USER), _bind(_USER, "o", namespace="m")], "p"),
        # to the user and to one of the groups
        ([_role("r", rules=[_named("p")]), _role("o", rules=[_named("q")]),
          _bind(_USER), _bind({"kind": "Group", "name": "dev"}, "o")], "pq"),
        # one role, bound twice
        ([_role("r", rules=[_named("p")]), _bind({"kind": "User", "name": "bob"}), _bind(_USER)], "p"),
    ],
)  # fmt: skip
def test_which_objects_may_be_used(objects: list[dict[str, Any]], may: str) -> None:
    grants = _grants(*objects)
    assert grants.problems == []
    assert "".join(name for name in "pqst" if grants.allow(_ANN, "n", name)) == may


def test_a_selector_of_right_types() -> None:
    for value in (
        {"matchLabels": None, "matchExpressions": None},
        {"matchLabels": {"a": None}},
        {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": None}]},
        {"matchExpressions": ({"key": "a", "operator": "In", "values": ("b",)},)},
    ):
        assert is_selector(value), value
    for value in (
        None,
        "a",
        {"matchLabels": {1: "a"}},
        {"matchExpressions": "a"},
        {"matchExpressions": [{"key": "a", "operator": 7}]},
        {"matchExpressions": [{"operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "Is"}]},
        {"matchLabels": {"a b": "c"}},
    ):
        assert not is_selector(value), value
