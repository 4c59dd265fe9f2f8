"""`explain` shows value, origin with its place, and the truth about the process, in every format the same."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import podproof
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.errors import InputError, ManifestError, UsageError
from podproof.outputs import explain_text
from podproof.outputs.explained import to_json
from podproof.session.explain import explain_data, explain_pod
from podproof.session.facts import find_images, read_node

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
      - name: web
        image: nginx:1.27
        securityContext:
          runAsUser: 1000
          capabilities: {add: [NET_BIND_SERVICE]}
"""
IMAGES = {"nginx:1.27": {"user": "", "passwd": "", "group": ""}}


def _container(document: dict[str, Any]) -> dict[str, Any]:
    (entry,) = document["objects"]
    (container,) = entry["containers"]
    assert isinstance(container, dict)
    return container


def test_programs_get_the_same_answer() -> None:
    assert podproof.explain(WEB, images=IMAGES, node=None) == explain_pod(WEB, IMAGES)


def test_a_workload_is_explained_with_places() -> None:
    document = explain_pod(WEB, IMAGES)
    assert document["schema"] == "podproof/explain/v1"
    (entry,) = document["objects"]
    assert (entry["kind"], entry["namespace"], entry["name"], entry["line"]) == (
        "Deployment",
        "shop",
        "web",
        1,
    )
    container = _container(document)
    assert container["fields"]["runAsUser"] == {
        "value": 1000,
        "origin": {
            "kind": "container",
            "route": "spec.template.spec.containers[0].securityContext.runAsUser",
            "file": "<text>",
            "line": 12,
            "text": "",
        },
    }
    assert container["fields"]["runAsNonRoot"]["origin"]["kind"] == "pod"
    process = container["process"]
    assert (process["uid"], process["gid"], process["groups"]) == (1000, 0, [0])
    assert "NET_BIND_SERVICE" in process["capabilities"]["bounding"]
    assert process["capabilities"]["effective"] == []
    assert container["start"] == {"starts": True, "reason": None, "message": "", "event": None}


def test_the_document_is_plain_json() -> None:
    document = explain_pod(WEB, IMAGES)
    assert json.loads(json.dumps(document)) == document


def test_an_unknown_value_says_why() -> None:
    container = _container(explain_pod({"spec": {"containers": [{"name": "c", "image": "x"}]}}))
    assert "the user of image x is not known" in container["process"]["uid"]["unknown"]
    assert "unknown" in container["start"]["starts"]


def test_why_it_will_not_start() -> None:
    pod = {
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {
            "containers": [{"name": "c", "image": "nginx:1.27", "securityContext": {"runAsNonRoot": True}}]
        },
    }
    start = _container(explain_pod(pod, {"schema": "podproof/images/v1", "images": IMAGES}))["start"]
    message = 'container has runAsNonRoot and image will run as root (pod: "p_n(<uid>)", container: c)'
    assert start == {
        "starts": False,
        "reason": "CreateContainerConfigError",
        "message": message,
        "event": {"reason": "Failed", "message": f"Error: {message}"},
    }


def test_lists_and_broken_documents() -> None:
    text = "kind: List\napiVersion: v1\nitems:\n- " + WEB.replace("\n", "\n  ") + "\n---\na: {\n"
    objects, problems = explain_data(
        [("a.yaml", text.encode())], images={}, runtime=parse_runtime("containerd"), node=Node()
    )
    assert [entry.line for entry in objects] == [4]
    assert len(problems) == 1
    assert problems[0].startswith("a.yaml:")


def test_every_format_has_the_values() -> None:
    text = WEB.replace("name: web\n", "name: <script>alert(1)</script>|`\n")
    objects, _ = explain_data(
        [("w.yaml", text.encode())], images={}, runtime=parse_runtime("cri-o"), node=Node()
    )
    document = to_json(objects)
    for render in (explain_text.text, explain_text.markdown, explain_text.html):
        written = render(document)
        assert "1000" in written
        assert "the process will be" in written
    page = explain_text.html(document)
    assert "<script>" not in page
    assert re.search(r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'", page)
    HTMLParser().feed(page)


def test_what_cannot_be_explained_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be explained"):
        explain_pod({"spec": {"containers": [{"name": "c", "securityContext": {"runAsUser": "root"}}]}})
    with pytest.raises(UsageError, match="unknown runtime"):
        explain_pod(WEB, runtime="dockerd")
    with pytest.raises(UsageError, match="unknown key"):
        explain_pod(WEB, node={"caps": []})
    with pytest.raises(InputError, match="'usr' is no key"):
        explain_pod(WEB, {"nginx": {"usr": "1"}})
    with pytest.raises(InputError, match="cannot be read"):
        find_images(str(tmp_path / "none.yaml"))
    twice = tmp_path / "node.yaml"
    twice.write_text("apparmor: true\napparmor: false\n")
    with pytest.raises(UsageError, match=r"node.yaml:2:1: apparmor is set twice"):
        read_node(str(twice))
    twice.write_text("apparmor: true\nselinux: null\n")
    assert read_node(str(twice)) == Node(apparmor=True)
