"""What a PodSecurityExemption exempts, for whom, and until when; everything else counts as before."""

from typing import Any

import pytest

from .exempted import LATER, NOW, ask, cluster, container, enforcing, exemption, namespace, pod

HOST_PID = pod(hostPID=True)
DENIED = 'pods "a" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)'


def test_a_finding_that_is_exempt_is_no_violation_and_the_audit_log_is_told() -> None:
    known = cluster(enforcing("baseline"), exemption())
    decision = ask(known, HOST_PID)
    assert decision.allowed
    assert decision.warnings == ()
    assert decision.audit_annotations == {
        "pod-security.kubernetes.io/enforce-policy": "baseline:latest",
        "podproof.dev/exemptions": "legacy (hostNamespaces)",
    }


def test_what_needs_no_exemption_says_nothing_of_one() -> None:
    known = cluster(enforcing("baseline"), exemption())
    assert "podproof.dev/exemptions" not in ask(known, pod()).audit_annotations


def test_what_is_not_named_counts_in_upstreams_words() -> None:
    known = cluster(enforcing("baseline"), exemption(checks=["host-namespaces"]))
    decision = ask(known, pod(container(context={"privileged": True}), hostPID=True))
    assert decision.message == (
        'pods "a" is forbidden: violates PodSecurity "baseline:latest": privileged '
        '(container "web" must not set securityContext.privileged=true)'
    )


def test_containers_that_are_not_named_count_as_if_the_others_were_not_there() -> None:
    known = cluster(enforcing("baseline"), exemption(checks=["privileged"], containers=["agent", "other"]))
    on = {"privileged": True}
    both = pod(container("agent", on), container("web", on), container("log", on))
    decision = ask(known, both)
    assert decision.message is not None
    assert decision.message.endswith(
        '"baseline:latest": privileged (containers "web", "log" must not set securityContext.privileged=true)'
    )
    assert ask(known, pod(container("agent", on), container("web"))).allowed


@pytest.mark.parametrize("list_", ["containers", "initContainers", "ephemeralContainers"])
def test_containers_of_every_kind_can_be_named(list_: str) -> None:
    known = cluster(enforcing("baseline"), exemption(checks=["privileged"], containers=["agent"]))
    named = container("agent", {"privileged": True})
    changed = pod()
    changed["spec"][list_] = [named]
    old = pod()
    sub_resource = "ephemeralcontainers" if list_ == "ephemeralContainers" else ""
    decision = ask(known, changed, sub_resource=sub_resource, old=old if sub_resource else None)
    assert decision.allowed, decision.message


def test_what_the_pod_sets_as_a_whole_is_not_a_containers() -> None:
    known = cluster(enforcing("restricted"), exemption(checks=["runAsNonRoot"], containers=["web"]))
    safe = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert ask(known, pod(container(context=safe))).allowed
    decision = ask(known, pod(container(context=safe), securityContext={"runAsNonRoot": False}))
    assert decision.message is not None
    assert decision.message.endswith(
        "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)"
    )


def test_what_stood_behind_an_exempt_violation_comes_out() -> None:
    known = cluster(enforcing("restricted"), exemption(checks=["runAsNonRoot"], containers=["web"]))
    safe = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    decision = ask(known, pod(container(context={**safe, "runAsNonRoot": False}), container("log", safe)))
    assert decision.message is not None
    assert decision.message.endswith(
        'runAsNonRoot != true (pod or container "log" must set securityContext.runAsNonRoot=true)'
    )


def test_annotations_about_a_container_are_the_containers() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/"
    known = cluster(enforcing("baseline"), exemption(checks=["appArmorProfile"], containers=["agent"]))
    of_agent = {f"{key}agent": "unconfined"}
    agent = container("agent")
    assert ask(known, pod(agent, annotations=of_agent)).allowed
    decision = ask(known, pod(agent, container(), annotations={**of_agent, f"{key}web": "unconfined"}))
    assert decision.message is not None
    assert 'kubernetes.io/web="unconfined""' in decision.message
    assert 'kubernetes.io/agent="' not in decision.message


def test_it_holds_in_its_namespaces_alone() -> None:
    known = cluster(enforcing("baseline"), exemption(namespaces=["bar", "shop-2"]))
    assert ask(known, HOST_PID).message == DENIED


def test_namespaces_can_be_selected_by_their_labels() -> None:
    selector = {"matchLabels": {"team": "a"}}
    by_labels = exemption(namespaces=None, namespaceSelector=selector)
    assert ask(cluster(enforcing("baseline", team="a"), by_labels), HOST_PID).allowed
    assert ask(cluster(enforcing("baseline", team="b"), by_labels), HOST_PID).message == DENIED
    by_name = {
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["shop"]}]
    }
    assert ask(
        cluster(enforcing("baseline"), exemption(namespaces=None, namespaceSelector=by_name)), HOST_PID
    ).allowed


def test_the_labels_that_a_namespace_has_now_count() -> None:
    by_labels = exemption(namespaces=None, namespaceSelector={"matchLabels": {"team": "a"}})
    known = cluster(enforcing("baseline", team="a"), by_labels)
    assert ask(known, HOST_PID).allowed
    changed = known.with_object(enforcing("baseline", team="b"))
    assert ask(changed, HOST_PID).message == DENIED
    assert ask(known, HOST_PID).allowed


def test_labels_of_pods_only_narrow_down() -> None:
    known = cluster(enforcing("baseline"), exemption(objectSelector={"matchLabels": {"app": "agent"}}))
    assert ask(known, pod(labels={"app": "agent"}, hostPID=True)).allowed
    assert ask(known, pod(labels={"app": "web"}, hostPID=True)).message == DENIED
    elsewhere = cluster(
        enforcing("baseline"),
        exemption(namespaces=["bar"], objectSelector={"matchLabels": {"app": "agent"}}),
    )
    assert ask(elsewhere, pod(labels={"app": "agent"}, hostPID=True)).message == DENIED


@pytest.mark.parametrize(
    "spec",
    [
        {"expires": "2027-01-15T08:00:00Z"},
        {"expires": "2027-01-15T09:00:00+01:00"},
        {"expires": "2020-01-01T00:00:00Z"},
    ],
)
def test_one_that_has_expired_has_no_effect_and_is_reported(spec: dict[str, Any]) -> None:
    known = cluster(enforcing("baseline"), exemption(**spec))
    decision = ask(known, HOST_PID)
    assert decision.message == DENIED
    assert decision.warnings == (
        'PodSecurityExemption "legacy" for hostNamespaces has no effect: it expired at '
        f"{spec['expires']}; ask team-a@example.com",
    )
    assert decision.audit_annotations["podproof.dev/expired-exemptions"] == "legacy (hostNamespaces)"
    assert ask(known, HOST_PID, now=NOW - 1e9).allowed


def test_without_the_time_nothing_is_exempt() -> None:
    known = cluster(enforcing("baseline"), exemption())
    assert ask(known, HOST_PID, now=None).message == DENIED


def test_who_relies_on_one_that_is_about_to_expire_is_warned() -> None:
    known = cluster(enforcing("baseline"), exemption(expires="2027-01-18T20:00:00Z"))
    assert ask(known, HOST_PID, warn_before=3 * 24 * 3600).warnings == ()
    assert ask(known, HOST_PID, warn_before=4 * 24 * 3600).warnings == (
        'this relies on PodSecurityExemption "legacy" for hostNamespaces, which expires in 3 days, at '
        "2027-01-18T20:00:00Z; ask team-a@example.com",
    )
    assert ask(known, pod(), warn_before=1e9).warnings == ()


def test_of_two_the_one_that_lasts_longer_counts() -> None:
    soon, gone = (
        exemption("soon", expires=when) for when in ("2027-01-16T00:00:00Z", "2027-01-01T00:00:00Z")
    )
    known = cluster(enforcing("baseline"), soon, gone, exemption("long"))
    decision = ask(known, HOST_PID, warn_before=30 * 24 * 3600)
    assert (decision.allowed, decision.warnings) == (True, ())
    assert decision.audit_annotations["podproof.dev/exemptions"] == "long (hostNamespaces)"


def test_several_exemptions_go_together() -> None:
    one = exemption("one", checks=["hostNamespaces"])
    two = exemption("two", checks=["privileged"], containers=["web"])
    decision = ask(
        cluster(enforcing("baseline"), one, two), pod(container(context={"privileged": True}), hostPID=True)
    )
    assert decision.allowed
    assert decision.audit_annotations["podproof.dev/exemptions"] == "one (hostNamespaces); two (privileged)"


def test_warn_and_audit_know_of_exemptions_too() -> None:
    labels = {f"pod-security.kubernetes.io/{mode}": "baseline" for mode in ("warn", "audit")}
    known = cluster(namespace("shop", **labels), exemption())
    decision = ask(known, HOST_PID)
    assert decision.warnings == ()
    assert decision.audit_annotations == {
        "pod-security.kubernetes.io/enforce-policy": "privileged:latest",
        "podproof.dev/exemptions": "legacy (hostNamespaces)",
    }


def test_nothing_is_exempt_unless_the_configuration_says_so() -> None:
    known = cluster(enforcing("baseline"), exemption())
    off = type(known).from_objects([enforcing("baseline"), exemption()])
    assert ask(off, HOST_PID).message == DENIED
    assert off.notes == (
        "1 PodSecurityExemption.podproof.dev does nothing: no configuration enables PodSecurityExemption",
    )


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"namespaces": None}, "must name namespaces or have a namespaceSelector"),
        (
            {"namespaces": None, "objectSelector": {"matchLabels": {"a": "b"}}},
            "labels of pods alone can be set by anyone",
        ),
        ({"namespaces": None, "namespaceSelector": {}}, "must have at least one requirement"),
        ({"namespaces": []}, "spec.namespaces: Required value"),
        ({"namespaces": ["*"]}, "spec.namespaces[0]: Invalid value"),
        ({"owner": " "}, "spec.owner: Required value"),
        ({"reason": None}, "spec.reason: Required value"),
        ({"expires": None}, "spec.expires: Required value: must be a time as RFC 3339 writes it"),
        ({"expires": "2027-02-30T00:00:00Z"}, "spec.expires: Invalid value"),
        ({"expires": "2027-06-30"}, "spec.expires: Invalid value"),
        ({"expires": "2027-06-30T00:00:00"}, "spec.expires: Invalid value"),
        ({"expires": "never"}, "spec.expires: Invalid value"),
        ({"checks": None}, "must name checks or fields"),
        ({"checks": ["all"]}, 'spec.checks[0]: Unsupported value: "all"'),
        ({"fields": ["spec.hostUsers"]}, 'spec.fields[0]: Unsupported value: "spec.hostUsers"'),
        ({"containers": []}, "spec.containers: Required value"),
        ({"container": ["web"]}, 'unknown field "spec.container"'),
        ({"checks": "privileged"}, "cannot unmarshal string"),
    ],
)
def test_a_malformed_one_exempts_nothing_and_is_reported(spec: dict[str, Any], why: str) -> None:
    known = cluster(enforcing("baseline"), exemption(**spec))
    assert ask(known, HOST_PID).message == DENIED
    (note,) = known.notes
    assert note.startswith("PodSecurityExemption.podproof.dev 'legacy' exempts nothing: ")
    assert why in note
    assert known.malformed_exemptions == (note,)
    mended = known.with_object(exemption())
    assert (mended.notes, ask(mended, HOST_PID).allowed) == ((), True)


def test_one_that_is_taken_away_has_no_effect_any_more() -> None:
    known = cluster(enforcing("baseline"), exemption())
    gone = known.without("PodSecurityExemption.podproof.dev", "legacy")
    assert ask(gone, HOST_PID).message == DENIED
    assert ask(known, HOST_PID).allowed


def test_new_levels_of_a_namespace_are_checked_with_what_is_exempt() -> None:
    running = pod(hostPID=True)
    before, after = namespace("shop"), enforcing("baseline")
    known = cluster(before, running, exemption())
    request = {
        "uid": "1",
        "operation": "UPDATE",
        "resource": {"group": "", "version": "v1", "resource": "namespaces"},
        "name": "shop",
        "object": after,
        "oldObject": before,
    }
    from podproof.admission.attributes import Moment

    assert known.admit(request, moment=Moment(NOW)).warnings == ()
    assert len(known.admit(request).warnings) == 2


def test_templates_of_workloads_are_warned_about_without_what_is_exempt() -> None:
    known = cluster(enforcing("baseline"), exemption())
    template = {"metadata": {"labels": {"a": "b"}}, "spec": HOST_PID["spec"]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    request = {
        "uid": "1",
        "operation": "CREATE",
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "namespace": "shop",
        "name": "web",
        "object": deployment,
    }
    from podproof.admission.attributes import Moment

    assert known.admit(request, moment=Moment(NOW)).warnings == ()
    assert len(known.admit(request).warnings) == 1


def test_expiry_is_a_time_in_any_zone() -> None:
    known = cluster(enforcing("baseline"), exemption(expires="2027-01-15T06:00:00.5-02:00"))
    assert ask(known, HOST_PID).allowed
    assert not ask(known, HOST_PID, now=NOW + 0.5).allowed
    assert LATER.endswith("Z")
