"""Who may use what, by roles and bindings."""

from typing import Any

import pytest

from podproof.kube.rbac import Grants, UserInfo, collect_grants, service_account_user

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
    from podproof.kube.rbac import is_selector

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
