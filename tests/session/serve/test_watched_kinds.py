"""Which kinds a source watches, and what it relies on when it has not heard of some of them for too long."""

from kept_source import Scene, Ticks, one, run, scene
from scripted_api import HELD, LEVEL, NAMESPACES, Reply, ScriptedApi, event, listed, namespace

from podproof import Cluster
from podproof.kube.rbac import UserInfo
from podproof.session.serve.watched_kinds import watched_by


def test_what_was_not_heard_of_for_too_long_is_stale() -> None:
    async def test() -> None:
        api, now = ScriptedApi(), Ticks()
        api.say(NAMESPACES, listed(namespace("a")))
        async with scene(api, max_staleness=60.0, now=now) as it:
            await it.wait_for_levels(a=None)
            now.seconds += 60.0
            assert it.source.snapshot().freshness == "synced"
            now.seconds += 0.5
            snapshot = it.source.snapshot()
            assert snapshot.freshness == "stale"
            assert snapshot.reason == "namespaces was not heard of for more than 60 s"
            assert snapshot.cluster is not None
            last = ("freshness", "stale", "namespaces was not heard of for more than 60 s")
            assert it.reports.found("freshness")[-1] == last
            api.say(f"{NAMESPACES}/a", one(namespace("a", level="restricted")))
            found = await it.source.look_up("a")
            assert found is not None
            assert found.labels_of("a") == {LEVEL: "restricted"}

    run(test)


POLICY_KINDS = {
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
}
POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"


def _of_policies(**lists: bytes) -> ScriptedApi:
    """A server for a cluster with policies; each list is empty unless it is given by the kind's plural."""
    api = ScriptedApi()
    for path in (NAMESPACES, POLICIES, *POLICY_KINDS):
        api.say(path, lists.get(path.rpartition("/")[2], listed()))
        api.say(path, HELD, watch=True)
    return api


def test_policies_and_who_may_use_them_are_watched_where_they_are_in_force() -> None:
    async def test() -> None:
        named = {"metadata": {"name": "psp", "resourceVersion": "1"}}
        rules = [{"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}]
        role = {
            "roleRef": {"kind": "ClusterRole", "name": "psp"},
            "subjects": [{"kind": "Group", "name": "g"}],
        }
        api = _of_policies(
            namespaces=listed(namespace("shop")),
            clusterroles=listed({**named, "rules": rules}),
            clusterrolebindings=listed({**named, **role}),
        )
        async with scene(api, "v1.24") as it:
            await it.reports.wait_for("freshness", "synced")
            cluster = it.source.snapshot().cluster
            assert cluster is not None
            user = UserInfo("ann", ("g",))
            assert cluster.grants.allow(user, "shop", "psp")
            assert not cluster.grants.allow(UserInfo("bob"), "shop", "psp")

    run(test)


def test_a_kind_that_is_not_installed_is_known_to_have_no_objects_and_looked_for_again() -> None:
    async def test() -> None:
        api = _of_policies(namespaces=listed(namespace("shop")))
        policy = {"metadata": {"name": "p", "resourceVersion": "3"}, "spec": {}}
        api.say(POLICIES, Reply([b'{"code":404}'], 404), Reply([b'{"code":404}'], 404), listed(policy))
        api.say(POLICIES, HELD, watch=True)
        async with scene(api, "v1.24") as it:
            await it.reports.wait_for("freshness", "synced")
            await it.reports.wait_until(lambda: it.source.snapshot().cluster.has("PodSecurityPolicy"))  # type: ignore[union-attr]
            assert it.reports.found("failed") == []
            assert it.reports.found("synced", "podsecuritypolicies.policy", "0") != []

    run(test)


OWN = {
    "apiVersion": "podproof.dev/v1alpha1",
    "kind": "PodproofConfiguration",
    "podSecurityPolicy": {"enabled": True},
    "podSecurityExemption": {"enabled": True},
}


def test_own_kinds_are_watched_where_the_configuration_enables_them() -> None:
    async def test() -> None:
        api = _of_policies(namespaces=listed(namespace("shop")))
        own = "/apis/podproof.dev/v1alpha1"
        policy = {"metadata": {"name": "p", "resourceVersion": "3"}, "spec": {}}
        for plural in ("podsecuritypolicies", "podsecurityexemptions"):
            api.say(f"{own}/{plural}", listed(policy))
            api.say(f"{own}/{plural}", Reply([event("DELETED", policy)], then="hold"), watch=True)
        async with scene(api, configuration=OWN) as it:
            await it.reports.wait_for("synced", "podsecuritypolicies.podproof.dev", "1")
            await it.reports.wait_for("synced", "podsecurityexemptions.podproof.dev", "1")
            # what is deleted is gone, although one of the kinds has a namesake
            await it.reports.wait_until(lambda: _kinds_of(it) == {"Namespace"})
            assert POLICIES not in {path for path, _, _ in api.asked}

    run(test)


def _kinds_of(it: Scene) -> set[str]:
    cluster = it.source.snapshot().cluster
    kinds = ("Namespace", "PodSecurityPolicy.podproof.dev", "PodSecurityExemption.podproof.dev")
    return set() if cluster is None else {kind for kind in kinds if cluster.has(kind)}


def test_nothing_is_decided_when_roles_are_stale() -> None:
    async def test() -> None:
        api, now = _of_policies(namespaces=listed(namespace("shop"))), Ticks()
        async with scene(api, "v1.24", now=now) as it:
            await it.reports.wait_for("freshness", "synced")
            now.seconds += 61.0
            snapshot = it.source.snapshot()
            assert (snapshot.cluster, snapshot.freshness) == (None, "stale")
            assert snapshot.reason.startswith("namespaces, clusterroles.rbac.authorization.k8s.io, ")

    run(test)


def test_roles_may_grow_too_old_after_namespaces() -> None:
    async def test() -> None:
        api, now = _of_policies(namespaces=listed(namespace("shop"))), Ticks()
        async with scene(api, "v1.24", now=now) as it:
            await it.reports.wait_for("freshness", "synced")
            now.seconds += 30.0
            for kind in watched_by(Cluster.from_objects([], kubernetes_version="v1.24")):
                if kind.kind != "Namespace":
                    it.source.contact(kind)
            now.seconds += 31.0
            stale = it.source.snapshot()
            assert (stale.freshness, stale.cluster is not None) == ("stale", True)
            now.seconds += 31.0
            assert it.source.snapshot().cluster is None

    run(test)
