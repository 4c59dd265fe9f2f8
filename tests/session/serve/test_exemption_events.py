"""Events about exemptions, on a real API server: one for each step, where kubectl finds it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from cluster.api_server import TOKEN, ApiServer, api_server
from waiting import wait_until

from podproof.policies.exemptions import PodSecurityExemption
from podproof.session.crds.definitions import definitions
from podproof.session.serve.api_client import ApiClient
from podproof.session.serve.api_errors import ApiServerError
from podproof.session.serve.exemption_events import ExemptionEvents
from podproof.session.serve.kubeconfig import read_kubeconfig

PATH = "/apis/podproof.dev/v1alpha1/podsecurityexemptions"
SPEC = {
    "owner": "team-a",
    "reason": "until it is rewritten",
    "expires": "2027-06-30T00:00:00Z",
    "namespaces": ["shop"],
    "checks": ["privileged"],
}
EXEMPTION = PodSecurityExemption("agent", "team-a", "until", "2027-06-30T00:00:00Z", 1814313600.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("server")) as running:
        for definition in definitions():
            running.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        wait_until(lambda: running.ask("GET", PATH)[0] == 200, "the new kinds")
        yield running


def _client(server: ApiServer, folder: Any, token: str = TOKEN) -> ApiClient:
    file = folder / "kubeconfig"
    file.write_text(
        f"""
apiVersion: v1
kind: Config
current-context: c
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
clusters:
- {{name: c, cluster: {{server: "https://127.0.0.1:{server.port}", insecure-skip-tls-verify: true}}}}
users: [{{name: u, user: {{token: "{token}"}}}}]
"""
    )
    return ApiClient(read_kubeconfig(str(file)))


def test_there_is_one_event_for_each_step(server: ApiServer, tmp_path: Any) -> None:
    object_ = {
        "apiVersion": "podproof.dev/v1alpha1",
        "kind": "PodSecurityExemption",
        "metadata": {"name": "agent"},
        "spec": SPEC,
    }
    status, made = server.ask("POST", PATH, object_)
    assert status == 201
    events = ExemptionEvents(_client(server, tmp_path))

    async def tell() -> None:
        for step in ("expiring", "expiring", "expired"):
            await events.tell(EXEMPTION, step)

    asyncio.run(tell())
    _, listed = server.ask("GET", "/api/v1/namespaces/default/events")
    own = [one for one in listed["items"] if one["source"].get("component") == "podproof-webhook"]
    assert [(one["reason"], one["type"]) for one in sorted(own, key=lambda one: one["reason"])] == [
        ("ExemptionExpired", "Warning"),
        ("ExemptionExpiring", "Warning"),
    ]
    for one in own:
        assert one["involvedObject"]["uid"] == made["metadata"]["uid"]
        assert one["involvedObject"]["name"] == "agent"
    (expiring,) = (one for one in own if one["reason"] == "ExemptionExpiring")
    assert expiring["message"] == ('PodSecurityExemption "agent" expires 2027-06-30T00:00:00Z; ask team-a')


def test_who_may_not_write_events_is_told(server: ApiServer, tmp_path: Any) -> None:
    events = ExemptionEvents(_client(server, tmp_path, "of-nobody"))
    with pytest.raises(ApiServerError, match="does not accept who asks"):
        asyncio.run(events.tell(EXEMPTION, "expired"))
