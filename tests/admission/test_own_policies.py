"""PodSecurityPolicies of Podproof's own kind on a cluster of today: who may use them, and no way around."""

from typing import Any

import pytest

from podproof import Cluster, Decision
from podproof.edits.apply import apply_edits

ANY = {"rule": "RunAsAny"}
LENIENT = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY, "volumes": ["*"]}
OWN = "podproof.dev/v1alpha1"
SHOP = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APP_ARMOR = "apparmor.security.beta.kubernetes.io/"


def configuration(**settings: Any) -> dict[str, Any]:
    in_force = {"enabled": True, **settings}
    return {"apiVersion": OWN, "kind": "PodproofConfiguration", "podSecurityPolicy": in_force}


def policy(
    name: str = "p", annotations: dict[str, str] | None = None, modes: list[str] | None = None, **spec: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "apiVersion": OWN,
        "kind": "PodSecurityPolicy",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {**LENIENT, **spec},
    }
    return made if modes is None else {**made, "modes": modes}


def use(
    *names: str, group: str = "podproof.dev", subject: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    rule: dict[str, Any] = {"apiGroups": [group], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
    if names:
        rule["resourceNames"] = list(names)
    return [
        {"kind": "ClusterRole", "metadata": {"name": "use"}, "rules": [rule]},
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "use"},
            "roleRef": {"kind": "ClusterRole", "name": "use"},
            "subjects": [subject or {"kind": "User", "name": "ann"}],
        },
    ]


def container(context: dict[str, Any] | None = None, name: str = "web", **fields: Any) -> dict[str, Any]:
    made = {"name": name, "image": "nginx:1", **fields}
    return made if context is None else {**made, "securityContext": context}


def pod(
    *containers: dict[str, Any], annotations: dict[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    listed = list(containers) or [container()]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": "shop", "annotations": annotations or {}},
        "spec": {"containers": listed, "serviceAccountName": "runner", **spec},
    }


def cluster(*objects: Any, version: str = "latest", **settings: Any) -> Cluster:
    known = [configuration(**settings), SHOP, *objects]
    return Cluster.from_objects(known, kubernetes_version=version)


def ask(
    known: Cluster, object_: Any, *, old: Any = None, sub_resource: str = "", user: str = "ann"
) -> Decision:
    return known.admit(
        {
            "uid": "1",
            "operation": "CREATE" if old is None else "UPDATE",
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "subResource": sub_resource,
            "namespace": "shop",
            "name": "a",
            "userInfo": {"username": user, "groups": ["system:authenticated"]},
            "object": object_,
            "oldObject": old,
        },
        mutated=True,
    )


def said(decision: Decision) -> str:
    assert not decision.allowed
    return (decision.message or "").partition("forbidden: ")[2]


def test_nothing_is_in_force_unless_the_configuration_says_so() -> None:
    known = Cluster.from_objects([SHOP, policy(privileged=False)])
    assert ask(known, pod(container({"privileged": True}))).allowed
    assert known.notes == (
        "1 PodSecurityPolicy.podproof.dev does nothing: no configuration enables PodSecurityPolicy",
    )


def test_the_api_servers_own_kind_counts_for_nothing_today() -> None:
    old = {**policy(), "apiVersion": "policy/v1beta1"}
    text = "PodSecurityPolicy: no providers available to validate pod request"
    assert said(ask(cluster(old, *use()), pod())) == text


def test_every_pod_needs_a_policy_that_its_maker_or_its_account_may_use() -> None:
    assert said(ask(cluster(), pod())).endswith("no providers available to validate pod request")
    assert said(ask(cluster(policy()), pod())) == "PodSecurityPolicy: unable to admit pod: []"
    account = {"kind": "ServiceAccount", "name": "runner", "namespace": "shop"}
    assert ask(cluster(policy(), *use()), pod()).allowed
    assert ask(cluster(policy(), *use("p")), pod()).allowed
    assert ask(cluster(policy(), *use(subject=account)), pod(), user="bob").allowed
    assert not ask(cluster(policy(), *use("q")), pod()).allowed
    assert not ask(cluster(policy(), *use()), pod(), user="bob").allowed


def test_grants_of_old_roles_count_only_if_that_is_said() -> None:
    old = use(group="policy")
    assert not ask(cluster(policy(), *old), pod()).allowed
    assert ask(cluster(policy(), *old, grantGroups=["podproof.dev", "policy"]), pod()).allowed
    assert not ask(cluster(policy(), *use(), grantGroups=["policy"]), pod()).allowed


def test_namespaces_can_be_left_out() -> None:
    assert ask(cluster(exemptNamespaces=["shop"]), pod(container({"privileged": True}))).allowed
    assert not ask(cluster(exemptNamespaces=["shop-2"]), pod()).allowed


def test_what_a_policy_fills_in_is_filled_in_once() -> None:
    known = cluster(
        policy(readOnlyRootFilesystem=True, annotations={f"{SECCOMP}allowedProfileNames": "*"}), *use()
    )
    first = ask(known, pod())
    assert first.allowed
    assert first.object is not None
    assert first.object["metadata"]["annotations"] == {"kubernetes.io/psp": "p"}
    again = ask(known, first.object)
    assert (again.allowed, [one for one in again.patch if one["op"] != "test"]) in (
        (True, []),
        (True, [{"op": "replace", "path": "/metadata/annotations/kubernetes.io~1psp", "value": "p"}]),
    )
    assert again.edits == ()


def _mirrored(*containers: dict[str, Any], **annotations: str) -> dict[str, Any]:
    """Make a pod as a node reports one of its own files."""
    known = {"kubernetes.io/config.mirror": "hash", **annotations}
    made = pod(*containers, annotations=known, nodeName="node-1")
    del made["spec"]["serviceAccountName"]
    return made


def test_a_nodes_own_pod_is_judged_and_not_changed() -> None:
    known = cluster(policy(readOnlyRootFilesystem=True), *use())
    text = said(ask(known, _mirrored()))
    assert text.startswith("PodSecurityPolicy: unable to validate pod: ")
    fine = _mirrored(container({"readOnlyRootFilesystem": True}))
    decision = ask(known, fine)
    assert (decision.allowed, decision.patch) == (True, ())


EPHEMERAL = "ephemeralcontainers"


def _debugged(context: dict[str, Any] | None = None) -> dict[str, Any]:
    return pod(ephemeralContainers=[container(context, "debug")])


def test_ephemeral_containers_are_judged() -> None:
    known = cluster(policy(), *use())
    decision = ask(known, _debugged({"privileged": True}), old=pod(), sub_resource=EPHEMERAL)
    assert said(decision) == (
        "PodSecurityPolicy: unable to admit pod: [spec.ephemeralContainers[0].securityContext.privileged: "
        "Invalid value: true: Privileged containers are not allowed]"
    )


def test_ephemeral_containers_are_filled_in_and_nothing_else_is() -> None:
    strict = cluster(policy(readOnlyRootFilesystem=True), *use())
    running = pod(container({"readOnlyRootFilesystem": True}))
    with_debugger = {**running, "spec": _debugged()["spec"] | {"containers": running["spec"]["containers"]}}
    decision = ask(strict, with_debugger, old=running, sub_resource=EPHEMERAL)
    assert decision.allowed, decision.message
    assert [made.edit.route for made in decision.edits] == [
        ("spec", "ephemeralContainers", 0, "securityContext", "readOnlyRootFilesystem")
    ]
    decision = ask(strict, _debugged(), old=pod(), sub_resource=EPHEMERAL)
    assert said(decision) == "PodSecurityPolicy: unable to admit pod: []"


def test_a_later_update_is_not_denied_for_ephemeral_containers() -> None:
    own, debug = policy("own"), policy("debug", privileged=True)
    roles = use("own")
    running = _debugged({"privileged": True})
    labelled = {**running, "metadata": {**running["metadata"], "labels": {"a": "b"}}}
    known = cluster(own, debug, *roles)
    assert ask(known, labelled, old=running).allowed
    added = {**labelled, "spec": pod(ephemeralContainers=[container({"privileged": True}, "x")])["spec"]}
    assert not ask(known, added, old=running).allowed


def test_an_update_is_judged_whole() -> None:
    known = cluster(policy(), *use())
    running = pod(container({"privileged": True}))
    labelled = {**running, "metadata": {**running["metadata"], "labels": {"a": "b"}}}
    assert said(ask(known, labelled, old=running)).startswith("PodSecurityPolicy: unable to validate pod: ")


def test_resizing_changes_nothing_that_is_judged() -> None:
    running = pod(container({"privileged": True}, resources={"limits": {"cpu": "1"}}))
    changed = pod(container({"privileged": True}, resources={"limits": {"cpu": "2"}}))
    assert ask(cluster(), changed, old=running, sub_resource="resize").allowed
    escaping = pod(container({"privileged": True}))
    decision = ask(cluster(), escaping, old=pod(), sub_resource="resize")
    assert decision.object is None or decision.object["spec"]["containers"][0].get("securityContext") is None


ARMOR = {f"{APP_ARMOR}allowedProfileNames": "runtime/default,localhost/x"}
FINE = {"type": "RuntimeDefault"}
UNCONFINED = {"type": "Unconfined"}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (pod(container({"appArmorProfile": FINE})), ""),
        (pod(container({"appArmorProfile": {"type": "Localhost", "localhostProfile": "x"}})), ""),
        (pod(securityContext={"appArmorProfile": FINE}), ""),
        (pod(annotations={f"container.{APP_ARMOR}web": "localhost/x"}), ""),
        (pod(), "AppArmor profile must be set"),
        (pod(container({"appArmorProfile": UNCONFINED})), "unconfined is not an allowed profile"),
        (pod(securityContext={"appArmorProfile": UNCONFINED}), "unconfined is not an allowed profile"),
        (
            pod(container({"appArmorProfile": UNCONFINED}), securityContext={"appArmorProfile": FINE}),
            "unconfined is not an allowed profile",
        ),
        (
            pod(container({"appArmorProfile": {"type": "Localhost", "localhostProfile": "y"}})),
            "localhost/y is not an allowed profile",
        ),
        (
            pod(
                container({"appArmorProfile": FINE}), annotations={f"container.{APP_ARMOR}web": "unconfined"}
            ),
            "unconfined is not an allowed profile",
        ),
    ],
)
def test_app_armor_is_judged_wherever_it_is_set(made: dict[str, Any], why: str) -> None:
    decision = ask(cluster(policy(annotations=ARMOR), *use()), made)
    assert decision.allowed is not bool(why)
    assert why in (decision.message or "")


def test_the_default_of_app_armor_is_written_to_the_field() -> None:
    default = policy(annotations={**ARMOR, f"{APP_ARMOR}defaultProfileName": "localhost/x"})
    decision = ask(cluster(default, *use()), pod())
    (made,) = decision.edits
    assert made.edit.route == ("spec", "containers", 0, "securityContext", "appArmorProfile")
    assert made.edit.value == {"type": "Localhost", "localhostProfile": "x"}
    assert ask(cluster(default, *use()), pod(securityContext={"appArmorProfile": FINE})).edits == ()
    (made,) = ask(cluster(default, *use(), version="1.29"), pod()).edits
    assert made.edit.route == ("metadata", "annotations", f"container.{APP_ARMOR}web")


@pytest.mark.parametrize(
    ("allowed", "made", "why"),
    [
        ("runtime/default", pod(securityContext={"seccompProfile": FINE}), ""),
        ("docker/default", pod(securityContext={"seccompProfile": FINE}), ""),
        ("runtime/default", pod(), " is not an allowed seccomp profile"),
        ("runtime/default", pod(container({"seccompProfile": FINE})), " is not an allowed seccomp profile"),
        (
            "runtime/default",
            pod(container({"seccompProfile": UNCONFINED}), securityContext={"seccompProfile": FINE}),
            "unconfined is not an allowed seccomp profile",
        ),
        ("*", pod(container({"seccompProfile": UNCONFINED})), ""),
        (None, pod(container({"seccompProfile": FINE})), "seccomp may not be set"),
        (None, pod(), ""),
    ],
)
def test_seccomp_is_judged_by_its_fields(allowed: str | None, made: dict[str, Any], why: str) -> None:
    annotations = {} if allowed is None else {f"{SECCOMP}allowedProfileNames": allowed}
    decision = ask(cluster(policy(annotations=annotations), *use()), made)
    assert decision.allowed is not bool(why), decision.message
    assert why in (decision.message or "")


def test_what_old_annotations_ask_for_is_written_to_the_fields() -> None:
    known = cluster(policy(annotations={f"{SECCOMP}allowedProfileNames": "*"}), *use())
    old = pod(annotations={f"{SECCOMP}pod": "runtime/default", f"container.{SECCOMP}web": "localhost/a.json"})
    decision = ask(known, old)
    assert decision.allowed, decision.message
    assert decision.object is not None
    spec = decision.object["spec"]
    assert spec["securityContext"]["seccompProfile"] == FINE
    assert spec["containers"][0]["securityContext"]["seccompProfile"] == {
        "type": "Localhost",
        "localhostProfile": "a.json",
    }


def test_an_annotation_that_nobody_reads_is_no_profile() -> None:
    strict = policy(annotations={f"{SECCOMP}allowedProfileNames": "runtime/default"})
    unread = _mirrored(**{f"{SECCOMP}pod": "runtime/default"})
    known = cluster(strict, *use())
    assert said(ask(known, unread)) == "PodSecurityPolicy: unable to validate pod: []"
    unread["spec"]["securityContext"] = {"seccompProfile": FINE}
    assert ask(known, unread).allowed


def test_the_default_of_seccomp_is_written_to_the_field() -> None:
    names = {f"{SECCOMP}allowedProfileNames": "*", f"{SECCOMP}defaultProfileName": "docker/default"}
    (made,) = ask(cluster(policy(annotations=names), *use()), pod()).edits
    assert (made.edit.route, made.edit.value) == (("spec", "securityContext", "seccompProfile"), FINE)


def test_a_process_of_a_windows_node_is_privileged() -> None:
    windows = {"windowsOptions": {"hostProcess": True}}
    made = pod(securityContext=windows, hostNetwork=True, os={"name": "windows"})
    text = "spec.securityContext.windowsOptions.hostProcess: Invalid value: true: Privileged containers"
    known = cluster(policy(hostNetwork=True), *use())
    assert text in said(ask(known, made))
    assert "spec.containers[0].securityContext.windowsOptions.hostProcess" in said(
        ask(known, pod(container(windows), hostNetwork=True, os={"name": "windows"}))
    )
    assert ask(cluster(policy(hostNetwork=True, privileged=True), *use()), made).allowed


def test_a_user_namespace_relaxes_nothing() -> None:
    known = cluster(policy(runAsUser={"rule": "MustRunAsNonRoot"}), *use())
    assert "running with the root UID" in said(ask(known, pod(container({"runAsUser": 0}), hostUsers=False)))
    assert ask(known, pod(container({"runAsUser": 5}), hostUsers=False)).allowed


def test_proc_mount_needs_to_be_allowed() -> None:
    unmasked = pod(container({"procMount": "Unmasked"}), hostUsers=False)
    assert "ProcMountType is not allowed" in said(ask(cluster(policy(), *use()), unmasked))
    allowing = cluster(policy(allowedProcMountTypes=["Unmasked"]), *use())
    assert ask(allowing, unmasked).allowed
    assert ask(allowing, pod()).allowed


def test_images_are_a_kind_of_volumes() -> None:
    made = pod(volumes=[{"name": "v", "image": {"reference": "busybox"}}])
    text = "image volumes are not allowed to be used"
    assert text in said(ask(cluster(policy(volumes=["secret"]), *use()), made))
    for allowed in ("image", "*"):
        assert ask(cluster(policy(volumes=[allowed]), *use()), made).allowed


@pytest.mark.parametrize(
    "source",
    [
        {"clusterTrustBundle": {"name": "a", "path": "a.pem"}},
        {"podCertificate": {"signerName": "a.b/c", "keyType": "ED25519", "credentialBundlePath": "c"}},
    ],
)
def test_new_sources_are_no_part_of_an_accounts_kit(source: dict[str, Any]) -> None:
    token = {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}
    known = cluster(policy(volumes=["secret"]), *use())
    kit = [{"name": "v", "projected": {"sources": [token]}}]
    assert ask(known, pod(volumes=kit)).allowed
    more = [{"name": "v", "projected": {"sources": [token, source]}}]
    assert "projected volumes are not allowed to be used" in said(ask(known, pod(volumes=more)))


def test_sidecars_are_judged() -> None:
    sidecar = container({"privileged": True}, "s", restartPolicy="Always")
    assert "spec.initContainers[0].securityContext.privileged" in said(
        ask(cluster(policy(), *use()), pod(initContainers=[sidecar]))
    )


def test_policies_of_the_other_modes_are_told_of_and_admit_nothing() -> None:
    lenient, strict = policy("lenient", privileged=True), policy("strict", modes=["warn", "audit"])
    known = cluster(lenient, strict, *use())
    decision = ask(known, pod(container({"privileged": True})))
    text = (
        "would violate PodSecurityPolicy: unable to validate pod: [spec.containers[0].securityContext."
        "privileged: Invalid value: true: Privileged containers are not allowed]"
    )
    assert (decision.allowed, decision.warnings) == (True, (text,))
    assert decision.audit_annotations["podproof.dev/policy-violations"] == text
    assert ask(known, pod()).warnings == ()
    alone = cluster(policy(modes=["warn"]), *use())
    assert said(ask(alone, pod())).endswith("no providers available to validate pod request")


def test_a_policy_of_another_mode_need_not_be_filled_in_to_be_met() -> None:
    filling = policy("filling", readOnlyRootFilesystem=True, modes=["warn"])
    decision = ask(cluster(policy(), filling, *use()), pod())
    assert (decision.allowed, decision.warnings, decision.edits) == (True, (), ())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"spec": {**LENIENT, "volumes": ["all"]}}, "Unsupported value"),
        ({"spec": {**LENIENT, "privilege": True}}, 'unknown field "spec.privilege"'),
        ({"modes": []}, "must name one of"),
        ({"apiVersion": "podproof.dev/v1"}, "no matches for kind"),
        (
            {"metadata": {"name": "p", "annotations": {f"{SECCOMP}defaultProfileName": "x"}}},
            "seccomp profile",
        ),
    ],
)
def test_one_that_cannot_be_read_admits_nothing(changed: dict[str, Any], why: str) -> None:
    known = cluster({**policy(), **changed}, *use())
    assert not ask(known, pod()).allowed
    (unread,) = known.unread
    assert unread.startswith("PodSecurityPolicy.podproof.dev 'p' counts as absent: ")
    assert why in unread


def test_changes_of_policies_count_at_once() -> None:
    known = cluster(policy(), *use())
    gone = known.without("PodSecurityPolicy.podproof.dev", "p")
    assert [ask(one, pod()).allowed for one in (known, gone, gone.with_object(policy()))] == [
        True,
        False,
        True,
    ]


def test_both_phases_of_a_webhook_agree_with_the_whole() -> None:
    from podproof.admission.phases import answer_phase
    from podproof.admission.request import read_request

    known = cluster(policy(readOnlyRootFilesystem=True), *use())
    sent = pod()
    request: dict[str, Any] = {
        "uid": "1",
        "operation": "CREATE",
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": "shop",
        "name": "a",
        "userInfo": {"username": "ann"},
        "object": sent,
    }
    mutated = answer_phase(known, read_request(request), "mutating")
    assert mutated.allowed
    assert not answer_phase(known, read_request(request), "validating").allowed
    edits = (*(made.edit for made in mutated.edits),)
    after = {**request, "object": apply_edits(sent, edits)}
    assert answer_phase(known, read_request(after), "validating").allowed
