"""What is installed meets the strictest level, hangs together, and a real API server takes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.api_server import ApiServer, api_server

from podproof import check
from podproof.commands.serve import command as serve
from podproof.session.admit.prepared_cluster import prepare
from podproof.session.manifests.objects import objects
from podproof.session.serve.self_managed_store import CERTIFICATES, NEEDED_RIGHTS, WEBHOOK
from podproof.session.serve.watched_kinds import watched_by
from podproof.webhook.limits import DEFAULT

from .installations import EVENTS, WAYS, install, of_kind, values

_PLURALS = {"NetworkPolicy": "networkpolicies"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_found_in_it_at_the_strictest_level(way: str) -> None:
    text = "---\n".join(objects(install(**WAYS[way])))
    result = check(text, level="restricted")
    assert result.findings == ()
    assert (result.summary.checked, result.undecided) == (1, 0)


def test_a_real_server_takes_it(server: ApiServer) -> None:
    there: set[str] = set()
    for way in WAYS:
        _create_and_delete(server, WAYS[way], there)


def _create_and_delete(server: ApiServer, way: dict[str, Any], there: set[str]) -> None:
    """Create everything, and delete what can be deleted at once; `there` are the others that exist."""
    created = []
    for one in values(**way):
        status, answer = server.ask("POST", f"{_collection(one)}?fieldValidation=Strict", one)
        stays = one["kind"] in ("Namespace", "CustomResourceDefinition")  # which are not gone at once
        assert status == (409 if stays and one["metadata"]["name"] in there else 201), answer
        if stays:
            there.add(one["metadata"]["name"])
        else:
            created.append(f"{_collection(one)}/{one['metadata']['name']}")
    for path in reversed(created):
        assert server.ask("DELETE", path)[0] == 200


def test_the_webhooks_own_namespace_is_guarded_by_the_api_server(server: ApiServer) -> None:
    """Its plugin refuses whatever could harm the replicas, and takes the replicas themselves."""
    all_ = values(namespace="guarded")
    server.must("POST", "/api/v1/namespaces", of_kind("Namespace", all_))
    template = of_kind("Deployment", all_)["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {"name": "replica"}}
    pods = "/api/v1/namespaces/guarded/pods?dryRun=All"
    taken = server.request("POST", pods, pod)
    assert (taken.status, taken.warnings) == (201, [])
    container = pod["spec"]["containers"][0]
    for change in (
        {"hostPID": True},
        {"volumes": [*pod["spec"]["volumes"], {"name": "node", "hostPath": {"path": "/"}}]},
        {"containers": [{**container, "securityContext": {"privileged": True}}]},
    ):
        refused = server.request("POST", pods, {**pod, "spec": {**pod["spec"], **change}})
        assert refused.status == 403
        assert 'violates PodSecurity "restricted:latest"' in refused.message


def _collection(one: dict[str, Any]) -> str:
    version, plural = one["apiVersion"], _PLURALS.get(one["kind"], f"{one['kind'].lower()}s")
    namespace = one["metadata"].get("namespace")
    group = "api" if version == "v1" else "apis"
    return f"/{group}/{version}/" + (f"namespaces/{namespace}/{plural}" if namespace else plural)


def test_a_pod_that_is_replaced_goes_on_until_nobody_sends_reviews_to_it() -> None:
    pod = of_kind("Deployment", values())["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    wait = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert wait >= 5  # what a slow node's proxy takes to hear of it
    ending = wait + DEFAULT.seconds_to_drain + DEFAULT.seconds_to_finish
    assert ending < pod["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("way", WAYS)
def test_everything_refers_to_what_is_there(way: str) -> None:
    all_ = values(**WAYS[way])
    namespace = of_kind("Namespace", all_)["metadata"]["name"]
    deployment = of_kind("Deployment", all_)
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels == deployment["spec"]["selector"]["matchLabels"]
    assert labels == of_kind("Service", all_)["spec"]["selector"]
    assert labels == of_kind("PodDisruptionBudget", all_)["spec"]["selector"]["matchLabels"]
    assert labels == of_kind("NetworkPolicy", all_)["spec"]["podSelector"]["matchLabels"]
    pod = deployment["spec"]["template"]["spec"]
    for spread in pod["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == labels
    account = of_kind("ServiceAccount", all_)["metadata"]["name"]
    assert pod["serviceAccountName"] == account
    for kind in ("Role", "ClusterRole"):
        bound = of_kind(f"{kind}Binding", all_)
        assert bound["roleRef"]["name"] == of_kind(kind, all_)["metadata"]["name"]
        assert bound["subjects"] == [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]
    configuration = of_kind("ConfigMap", all_)
    (file,) = configuration["data"]
    (container,) = pod["containers"]
    assert f"--config=/etc/podproof/{file}" in container["args"]
    assert pod["volumes"][0]["configMap"]["name"] == configuration["metadata"]["name"]


@pytest.mark.parametrize("way", WAYS)
def test_a_quota_allows_the_priority_class_where_one_may_be_needed(way: str) -> None:
    all_ = values(**WAYS[way])
    wanted = of_kind("Deployment", all_)["spec"]["template"]["spec"].get("priorityClassName")
    quotas = [one["spec"] for one in all_ if one["kind"] == "ResourceQuota"]
    if wanted != "system-cluster-critical":
        assert quotas == []
        return
    (quota,) = quotas
    assert quota["scopeSelector"]["matchExpressions"][0]["values"] == [wanted]
    replicas = of_kind("Deployment", all_)["spec"]["replicas"]
    assert int(quota["hard"]["pods"]) > replicas + 1  # one more while they are replaced


def test_only_those_who_have_to_reach_it_do() -> None:
    policy = of_kind("NetworkPolicy", values(**WAYS["elsewhere"]))["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    blocks = [{"ipBlock": {"cidr": "10.1.2.3/32"}}, {"ipBlock": {"cidr": "fd00::/64"}}]
    reviews, metrics = policy["ingress"]
    assert (reviews["ports"], reviews["from"]) == ([{"port": "reviews", "protocol": "TCP"}], blocks)
    assert metrics["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "null"}}}
    ]
    (egress,) = policy["egress"]
    assert (egress["ports"], egress["to"]) == (
        [{"port": 443, "protocol": "TCP"}, {"port": 6443, "protocol": "TCP"}],
        blocks,
    )


@pytest.mark.parametrize("way", WAYS)
def test_the_configuration_is_read_and_the_account_may_watch_what_it_asks_for(
    way: str, tmp_path: Path
) -> None:
    (text,) = of_kind("ConfigMap", values(**WAYS[way]))["data"].values()
    (tmp_path / "configuration.yaml").write_text(text)
    config = str(tmp_path / "configuration.yaml")
    prepared = prepare(cluster=None, config=config, kubernetes_version="1.37", option="--config")
    assert prepared.problems == ()
    settings = prepared.cluster.settings
    assert (settings.policies is not None) == WAYS[way].get("pod_security_policy", False)
    assert settings.exemptions
    defaults = settings.pod_security.defaults
    assert (defaults.enforce.level, defaults.warn.level) == (
        WAYS[way].get("default_level", "privileged"),
        "privileged",
    )

    watched = {(kind.group, kind.plural) for kind in watched_by(prepared.cluster)}
    rules = of_kind("ClusterRole", values(**WAYS[way]))["rules"]
    given = {
        (group, resource): set(rule["verbs"])
        for rule in rules
        if "resourceNames" not in rule
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    # namespaces that are not known yet are asked for one by one, pods only where they are looked at
    wanted = {("", "namespaces"): {"get", "list", "watch"}, ("", "pods"): {"list"}}
    assert given == {kind: {"list", "watch"} for kind in watched} | wanted


def test_pods_are_replaced_when_the_configuration_changes() -> None:
    def checksum(**options: Any) -> str:
        pod = of_kind("Deployment", values(**options))["spec"]["template"]
        written: str = pod["metadata"]["annotations"]["podproof.dev/configuration-checksum"]
        return written

    assert checksum() == checksum(mode="enforcing") != checksum(default_level="baseline")


def test_the_account_may_create_events_where_those_about_exemptions_are() -> None:
    from podproof.session.serve.exemption_events import NAMESPACE

    all_ = values(namespace="elsewhere")
    role, binding = (one for one in all_ if one["metadata"]["name"] == EVENTS)
    assert (role["kind"], binding["kind"]) == ("Role", "RoleBinding")
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == NAMESPACE
    assert role["rules"] == [{"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}]
    assert binding["roleRef"]["name"] == EVENTS
    assert binding["subjects"][0]["namespace"] == "elsewhere"


def test_the_account_may_do_what_certificates_need_and_no_more() -> None:
    """Each right in the webhook's namespace or about its own configurations, by name, and none to create."""
    all_ = values()
    needed = set(NEEDED_RIGHTS)
    given = {
        (group, resource, name, tuple(rule["verbs"]))
        for kind in ("Role", "ClusterRole")
        for rule in of_kind(kind, all_)["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", ())
    }
    assert given == needed
    existing = {(one["kind"], one["metadata"]["name"]) for one in all_}
    assert {("Secret", CERTIFICATES), ("Lease", CERTIFICATES)} <= existing
    assert ("ValidatingWebhookConfiguration", WEBHOOK) in existing
    service = of_kind("Service", all_)
    assert service["metadata"]["name"] == WEBHOOK


def test_the_server_takes_the_arguments_that_the_deployment_gives_it() -> None:
    (container,) = of_kind("Deployment", values())["spec"]["template"]["spec"]["containers"]
    verb, *arguments = container["args"]
    assert verb == serve.name
    known = {option for parameter in serve.params for option in parameter.opts}
    assert {argument.partition("=")[0] for argument in arguments} <= known
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert f"--bind=:{ports['reviews']}" in arguments
    assert f"--metrics-bind=:{ports['metrics']}" in arguments
