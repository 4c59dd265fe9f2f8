"""Each field that an exemption can name: it may have any value then, and no other field may."""

from typing import Any

import pytest

from podproof.policies.exempt_fields import EXEMPT_FIELDS

from .exempted import ask, cluster, container, enforcing, exemption, pod

SAFE: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTEXTS: dict[str, Any] = {
    "allowPrivilegeEscalation": True,
    "appArmorProfile": {"type": "Unconfined"},
    "capabilities.add": {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}},
    "capabilities.drop": {"capabilities": {}},
    "privileged": {"privileged": True, "allowPrivilegeEscalation": False},
    "procMount": "Unmasked",
    "runAsNonRoot": False,
    "runAsUser": 0,
    "seLinuxOptions": {"type": "spc_t", "user": "u"},
    "seccompProfile": {"type": "Unconfined"},
    "windowsOptions.hostProcess": {"windowsOptions": {"hostProcess": True}},
}
"""What violates restricted in a security context: the value of the field, or the whole of what is set."""


def _context(field: str) -> dict[str, Any]:
    name = field.removeprefix("securityContext.")
    value = CONTEXTS[name]
    return value if "." in name or name == "privileged" else {name: value}


def _violating(path: str) -> dict[str, Any]:
    """Make a pod that restricted refuses for one field alone."""
    where, _, rest = path.removeprefix("spec.").partition("[*].")
    fine = container("fine", SAFE)
    if where == "volumes":
        return pod(fine, volumes=[{"name": "v", rest: {}}, {"name": "w", "emptyDir": {}}])
    if not rest and where.startswith("securityContext."):
        if where == "securityContext.sysctls":
            return pod(fine, securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]})
        return pod(fine, securityContext=_context(where))
    if not rest:
        return pod(fine, **{where: True})
    bad: dict[str, Any] = container("bad", SAFE)
    if rest.startswith("securityContext."):
        bad["securityContext"] = {**SAFE, **_context(rest)}
    elif rest == "ports[*].hostPort":
        bad["ports"] = [{"containerPort": 80, "hostPort": 80}]
    else:
        *handler, action, _ = rest.split(".")
        value: Any = {action: {"host": "example.com", "port": 80}}
        for step in reversed(handler):
            value = {step: value}
        bad |= value
    made = pod(fine)
    made["spec"].setdefault(where, [])
    made["spec"][where] = [*made["spec"][where], bad]
    return made


def _decide(made: dict[str, Any], *exemptions: dict[str, Any]) -> Any:
    """Ask PodSecurity alone: the API server itself refuses some of these pods."""
    from podproof.admission.attributes import Moment
    from podproof.admission.phases import answer_phase
    from podproof.admission.request import read_request

    from .exempted import NOW

    known = cluster(enforcing("restricted"), *exemptions)
    request = read_request(
        {
            "uid": "1",
            "operation": "CREATE",
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "shop",
            "name": "a",
            "object": made,
        }
    )
    return answer_phase(known, request, "validating", moment=Moment(NOW))


@pytest.mark.parametrize("path", EXEMPT_FIELDS)
def test_a_field_that_is_exempt_may_have_any_value(path: str) -> None:
    made = _violating(path)
    assert not _decide(made).allowed
    by_field = exemption(checks=None, fields=[path])
    decision = _decide(made, by_field)
    assert decision.allowed, decision.message
    others = [other for other in EXEMPT_FIELDS if other != path]
    assert not _decide(made, exemption(checks=None, fields=others)).allowed


@pytest.mark.parametrize("path", [path for path in EXEMPT_FIELDS if "ontainers[*]" in path])
def test_a_field_can_be_exempt_in_one_container(path: str) -> None:
    made = _violating(path)
    assert _decide(made, exemption(checks=None, fields=[path], containers=["bad"])).allowed
    assert not _decide(made, exemption(checks=None, fields=[path], containers=["fine"])).allowed


def test_what_a_pod_sets_for_all_is_no_field_of_a_container() -> None:
    made = pod(container(context={key: SAFE[key] for key in SAFE if key != "seccompProfile"}))
    made["spec"]["securityContext"] = {"seccompProfile": {"type": "Unconfined"}}
    of_pod = exemption(checks=None, fields=["spec.securityContext.seccompProfile"])
    decision = _decide(made, of_pod)
    assert decision.message.endswith(
        'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to '
        '"RuntimeDefault" or "Localhost")'
    )


def test_a_user_namespace_is_not_made_up() -> None:
    made = pod(container(context={**SAFE, "procMount": "Unmasked"}))
    assert not _decide(made, exemption(checks=["runAsUser", "runAsNonRoot"])).allowed


def test_a_pod_whose_update_is_judged_is_exempt_too() -> None:
    known = cluster(enforcing("baseline"), exemption(checks=None, fields=["spec.hostPID"]))
    old, new = (pod({**container(), "image": f"nginx:{tag}"}, hostPID=True) for tag in (1, 2))
    assert ask(known, new, old=old).allowed
