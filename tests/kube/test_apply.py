"""What `kubectl apply` makes of a live object and a manifest."""

import json
from typing import Any

from podproof.kube.apply import LAST_APPLIED, apply_manifest


def _noted(manifest: dict[str, Any]) -> str:
    return json.dumps({**manifest, "metadata": {**manifest["metadata"], "annotations": {}}})


def _pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def _live(applied: dict[str, Any] | None, **spec: Any) -> dict[str, Any]:
    annotations = {} if applied is None else {LAST_APPLIED: _noted(applied)}
    metadata = {"name": "p", "namespace": "n", "uid": "1", "annotations": annotations}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
        "status": {"phase": "Running"},
    }


def test_nothing_new_changes_nothing() -> None:
    manifest = _pod(containers=[{"name": "c", "image": "i"}])
    live = _live(
        manifest, containers=[{"name": "c", "image": "i", "imagePullPolicy": "Always"}], nodeName="x"
    )
    assert apply_manifest(live, manifest) == live


def test_the_note_is_written_where_it_is_missing() -> None:
    manifest = _pod(containers=[{"name": "c", "image": "i"}])
    live = _live(None, containers=[{"name": "c", "image": "i"}])
    merged = apply_manifest(live, manifest)
    assert json.loads(merged["metadata"]["annotations"].pop(LAST_APPLIED)) == json.loads(_noted(manifest))
    assert merged == live


def test_what_others_added_stays_and_what_was_dropped_goes() -> None:
    before = _pod(
        containers=[{"name": "c", "image": "i", "command": ["x"], "env": [{"name": "A", "value": "1"}]}],
        hostNetwork=True,
    )
    live = _live(
        before,
        containers=[
            {"name": "c", "image": "i", "command": ["x"], "env": [{"name": "A", "value": "1"}], "tty": True},
            {"name": "injected", "image": "j"},
        ],
        hostNetwork=True,
        nodeName="x",
    )
    after = _pod(containers=[{"name": "c", "image": "i:2", "env": [{"name": "B", "value": "2"}]}])
    spec = apply_manifest(live, after)["spec"]
    assert spec == {
        "containers": [
            {"name": "c", "image": "i:2", "env": [{"name": "B", "value": "2"}], "tty": True},
            {"name": "injected", "image": "j"},
        ],
        "nodeName": "x",
    }


def test_a_volume_keeps_only_what_the_manifest_names() -> None:
    live = _live(None, volumes=[{"name": "v", "emptyDir": {}}, {"name": "token", "secret": {}}])
    merged = apply_manifest(live, _pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]))
    assert merged["spec"]["volumes"] == [
        {"name": "v", "hostPath": {"path": "/"}},
        {"name": "token", "secret": {}},
    ]


def test_lists_without_keys_count_whole() -> None:
    live = _live(None, containers=[{"name": "c", "args": ["a", "b"]}], tolerations=[{"key": "x"}])
    spec = apply_manifest(live, _pod(containers=[{"name": "c", "args": ["z"]}], tolerations=[]))["spec"]
    assert spec == {"containers": [{"name": "c", "args": ["z"]}], "tolerations": []}


def test_null_removes_and_status_is_not_the_manifests_business() -> None:
    manifest = {**_pod(nodeName=None), "status": {"phase": "Failed"}}
    merged = apply_manifest(_live(None, nodeName="x"), manifest)
    assert merged["spec"] == {}
    assert merged["status"] == {"phase": "Running"}


def test_a_note_that_cannot_be_read_is_none() -> None:
    live = _live(None, hostPID=True)
    live["metadata"]["annotations"][LAST_APPLIED] = "{"
    assert apply_manifest(live, _pod())["spec"] == {"hostPID": True}
