"""`explain` shows value, origin with its place, and the truth about the process, in every format the same."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import podproof
from podproof.api import explain
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.errors import InputError, ManifestError, UsageError
from podproof.outputs import explain_text
from podproof.outputs.explain_markdown import markdown
from podproof.outputs.pages.explain_page import html
from podproof.results.plain import to_plain
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
    metadata: {labels: {app: web}}
  selector: {matchLabels: {app: web}}
"""
IMAGES = {"nginx:1.27": {"user": "", "passwd": "", "group": ""}}


def _container(document: dict[str, Any]) -> dict[str, Any]:
    (entry,) = document["objects"]
    (container,) = entry["containers"]
    assert isinstance(container, dict)
    return container


def test_programs_get_the_same_answer() -> None:
    assert podproof.explain(WEB, images=IMAGES, node=None) == to_plain(explain_pod(WEB, IMAGES))


def test_a_workload_is_explained_with_places() -> None:
    document = explain(WEB, IMAGES)
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
    document = explain(WEB, IMAGES)
    assert json.loads(json.dumps(document)) == document


def test_an_unknown_value_says_why() -> None:
    container = _container(explain({"spec": {"containers": [{"name": "c", "image": "x"}]}}))
    assert "the user of image x is not known" in container["process"]["uid"]["unknown"]
    assert "unknown" in container["start"]["starts"]


def test_why_it_will_not_start() -> None:
    pod = {
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {
            "containers": [{"name": "c", "image": "nginx:1.27", "securityContext": {"runAsNonRoot": True}}]
        },
    }
    start = _container(explain(pod, {"schema": "podproof/images/v1", "images": IMAGES}))["start"]
    message = 'container has runAsNonRoot and image will run as root (pod: "p_n(<uid>)", container: c)'
    assert start == {
        "starts": False,
        "reason": "CreateContainerConfigError",
        "message": message,
        "event": {"reason": "Failed", "message": f"Error: {message}"},
    }


def test_lists_and_broken_documents() -> None:
    text = "kind: List\napiVersion: v1\nitems:\n- " + WEB.replace("\n", "\n  ") + "\n---\na: {\n"
    explained, problems = explain_data(
        [("a.yaml", text.encode())], Setting(runtime=parse_runtime("containerd"))
    )
    assert [entry.line for entry in explained.objects] == [4]
    assert len(problems) == 1
    assert problems[0].startswith("a.yaml:")


def test_every_format_has_the_values() -> None:
    text = WEB.replace("name: web\n", "name: <script>alert(1)</script>|`\n")
    explained, _ = explain_data([("w.yaml", text.encode())], Setting(runtime=parse_runtime("cri-o")))
    for render in (explain_text.text, markdown, html):
        written = render(explained)
        assert "1000" in written
        assert "the process will be" in written
    page = html(explained)
    assert "<script>" not in page
    assert re.search(r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'", page)
    HTMLParser().feed(page)


def test_what_cannot_be_explained_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be explained"):
        explain({"spec": {"containers": [{"name": "c", "securityContext": {"runAsUser": "root"}}]}})
    with pytest.raises(UsageError, match="unknown runtime"):
        explain(WEB, runtime="dockerd")
    with pytest.raises(UsageError, match="unknown key"):
        explain(WEB, node={"caps": []})
    with pytest.raises(InputError, match="'usr' is not a key"):
        explain(WEB, {"nginx": {"usr": "1"}})
    with pytest.raises(InputError, match="cannot be read"):
        find_images(str(tmp_path / "none.yaml"))
    twice = tmp_path / "node.yaml"
    twice.write_text("apparmor: true\napparmor: false\n")
    with pytest.raises(UsageError, match=r"node.yaml:2:1: apparmor is set twice"):
        read_node(str(twice))
    twice.write_text("apparmor: true\nselinux: null\n")
    assert read_node(str(twice)) == Node(apparmor=True)


def test_odd_values_mean_what_they_mean_to_the_api_server() -> None:
    pod = """\
kind: Pod
apiVersion: v1
metadata: {generateName: p-, namespace: shop}
spec:
  containers:
  - null
  - {name: c, image: "nginx:1.27", securityContext: {capabilities: {add: [null, CHOWN], drop: [ALL]}, runAsUser: 1000}}
  - {name: d, image: "nginx:1.27", securityContext: null, ports: null}
"""  # noqa: E501 - one container a line
    (entry,) = explain(pod, IMAGES)["objects"]
    assert [held["name"] for held in entry["containers"]] == ["", "c", "d"]
    assert entry["containers"][1]["process"]["capabilities"]["bounding"] == ["CHOWN"]
    assert entry["containers"][2]["process"]["uid"] == 0


def test_a_name_is_made_as_check_makes_it() -> None:
    start = _container(explain(WEB.replace("runAsUser: 1000", "runAsUser: 0"), IMAGES))["start"]
    assert start["message"].endswith('(pod: "web-<id>_shop(<uid>)", container: web)')


def test_the_version_is_written_as_everywhere() -> None:
    assert explain(WEB, IMAGES, kubernetes_version="v1.37") == explain(WEB, IMAGES)
    with pytest.raises(UsageError, match="is not a Kubernetes version"):
        explain(WEB, kubernetes_version="37")


def test_a_refused_field_is_named_with_its_place() -> None:
    text = WEB.replace("runAsUser: 1000", "runAsUser: me")
    with pytest.raises(
        ManifestError, match=r"^<text>:12:22: cannot be explained, .* cannot unmarshal string"
    ):
        explain(text)


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_no_line_of_the_table_is_wider_than_the_terminal(columns: int) -> None:
    explained, _ = explain_data([("w.yaml", WEB.encode())], Setting(runtime=parse_runtime("cri-o")))
    written = explain_text.text(explained, columns=columns)
    assert max(map(len, written.splitlines())) <= columns
    # a reason is told once, and the report ends with what to give
    assert " ".join(written.split()).count("/etc/passwd of image nginx:1.27 is not known") == 1
    assert written.index("it will start") < written.index("to know what is unknown here:")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": 5}, "images must map references to facts, or be the path of a lock file"),
        ({"images": ["nginx"]}, "images must map references to facts"),
        ({"images": {5: {}}}, "images must map references to facts"),
        ({"images": {"schema": "other/v1", "images": {}}}, "schema of the images must be podproof/images/v1"),
        ({"runtime": None}, "the runtime must be a name such as containerd-2.3.7, has None"),
        ({"runtime": 5}, "the runtime must be a name such as"),
        ({"node": "node.yaml"}, "node: must be a mapping with the keys"),
        ({"kubernetes_version": 1.37}, 'kubernetes_version must be text such as "v1.37", has 1.37'),
    ],
)
def test_an_argument_of_a_wrong_type_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        explain(WEB, **arguments)


@pytest.mark.parametrize(
    ("pod", "words"), [(None, "null"), (5, "a number"), ([], "a list"), (True, "a boolean")]
)
def test_what_is_no_pod_at_all_is_said(pod: Any, words: str) -> None:
    with pytest.raises(ManifestError, match=f"^the pod must be a mapping, or YAML text, is {words}$"):
        explain(pod)


def test_a_list_means_the_same_as_text_and_as_a_mapping() -> None:
    spec = {"containers": [{"name": "c", "image": "nginx:1.27"}]}
    pods = {"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "b"}, "spec": spec}]}
    whole = {"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod", "spec": spec}, pods, 5]}
    found = explain(whole, IMAGES)["objects"]
    assert [(entry["kind"], entry["name"]) for entry in found] == [("Pod", None), ("Pod", "b")]
    text = explain(json.dumps(whole), IMAGES)["objects"]
    assert [entry["containers"][0]["process"] for entry in text] == [
        entry["containers"][0]["process"] for entry in found
    ]


def test_who_may_not_be_root_is_not_said_to_be_perhaps() -> None:
    spec = {"containers": [{"name": "c", "image": "x"}]}
    open_to_all = explain_text.text(explain_pod({"spec": spec}))
    assert "it may be root: runAsUser is not set and the user of image x is not known; set" in open_to_all
    refused = explain_text.text(explain_pod({"spec": {"securityContext": {"runAsNonRoot": True}, **spec}}))
    assert "may be root" not in refused
    assert "it is not root if it starts, for runAsNonRoot is true: runAsUser is not set" in refused


@pytest.mark.parametrize(
    ("text", "uid", "bounding"),
    [
        ("securityContext: {fsGroup: 2000, runAsUser: 1000}\n", 1000, 14),
        ("spec:\n  hostNetwork: true\n  securityContext: {runAsUser: 7, fsGroup: 1}\n", 7, 14),
        ("securityContext: {runAsUser: 5, capabilities: {drop: [ALL]}}\n", 5, 0),
        ("containers:\n- {name: fragment, image: fragment, securityContext: {runAsUser: 3}}\n", 3, 14),
    ],
)
def test_a_piece_gets_nothing_that_nobody_wrote(text: str, uid: int, bounding: int) -> None:
    container = _container(explain(text))
    assert container["process"]["uid"] == uid
    assert len(container["process"]["capabilities"]["bounding"]) == bounding
    if "containers" in text:
        assert (container["name"], container["image"]) == ("fragment", "fragment")
        return
    assert (container["name"], container["image"]) == ("", None)
    assert container["process"]["no_new_privs"] is False
    assert container["fields"]["runAsUser"]["origin"]["line"] is not None
    assert "container (no name)" in explain_text.text(explain_pod(text))


SPEC = {"hostNetwork": True, "containers": [{"name": "c", "image": "i"}]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (SPEC, 'it has "containers" at its top, as a pod\'s spec has'),
        ({}, "the object is not a pod: it is empty"),
        ({"Spec": SPEC}, '"Spec" is not a field of a pod; write "spec"'),
        ({"spec": {}}, "the pod has no containers"),
        ({"spec": {"containers": "x"}}, "cannot unmarshal string"),
        ({"kind": "Pod", "apiVersion": "v1", "spec": {}}, "the pod of Pod has no containers"),
        (
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "a"},
                "spec": {"template": SPEC},
            },
            'the pod of Deployment "a" has no containers; pass a whole object',
        ),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "there is no pod and no workload in it"),
        ("{}", "there is no pod and no workload in it"),
        ("apiVersion: v1\nkind: Service\n", "there is no pod and no workload in it"),
    ],
)
def test_what_has_nothing_to_explain_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ManifestError) as raised:
        explain(value)
    assert message in str(raised.value)
