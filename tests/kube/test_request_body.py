"""The kind and API version of a request's body, as the API server finds them before it decodes.

Source: apimachinery 1.37.2 pkg/runtime/serializer/json/meta.go, pkg/runtime/schema ParseGroupVersion.
"""

import pytest

from podproof.kube.request import UnreadableBody, read_body

META = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
UNREAD = "couldn't get version/kind; json parse error: "
TYPED = f"{UNREAD}json: cannot unmarshal"


@pytest.mark.parametrize(
    ("text", "kind", "group", "version", "group_version"),
    [
        ('{"apiVersion": "apps/v1", "kind": "Deployment"}', "Deployment", "apps", "v1", "apps/v1"),
        ('{"apiVersion": "v1", "kind": "Pod"}', "Pod", "", "v1", "v1"),
        ('{"apiVersion": "/v1"}', "", "", "v1", "v1"),
        ('{"apiVersion": "apps/"}', "", "apps", "", "apps/"),
        ('{"apiVersion": "/"}', "", "", "", ""),
        ("{}", "", "", "", ""),
        ("null", "", "", "", ""),
        # names have any case, the last one counts, and null is as good as nothing
        ('{"APIVERSION": "v1", "KIND": "Pod"}', "Pod", "", "v1", "v1"),
        ('{"kind": "Pod", "Kind": "Job"}', "Job", "", "", ""),
        ('{"kind": "Pod", "kind": "Job"}', "Job", "", "", ""),
        ('{"kind": "Pod", "Kind": null}', "Pod", "", "", ""),
        # the Kelvin sign and the long s are a k and an s to Go
        ('{"\u212aind": "Pod", "apiVer\u017fion": "v1"}', "Pod", "", "v1", "v1"),
        ('{"kinds": "Pod", "api_version": "v1"}', "", "", "", ""),
    ],
)
def test_what_is_found(text: str, kind: str, group: str, version: str, group_version: str) -> None:
    body = read_body(text.encode(), yaml=False)
    assert (body.kind, body.group, body.version) == (kind, group, version)
    assert body.group_version == group_version
    assert body.strict_error is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", f"{UNREAD}unexpected end of JSON input"),
        ("[]", f"{TYPED} array into Go value of type {META}"),
        ('"x"', f"{TYPED} string into Go value of type {META}"),
        ('{"kind": 1}', f"{TYPED} number into Go struct field .kind of type string"),
        ('{"apiVersion": {}}', f"{TYPED} object into Go struct field .apiVersion of type string"),
        # of two that are no text the first is told
        ('{"Kind": [], "apiVersion": true}', f"{TYPED} array into Go struct field .kind of type string"),
        ('{"apiVersion": "a/b/c"}', "unexpected GroupVersion string: a/b/c"),
    ],
)
def test_what_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(UnreadableBody) as raised:
        read_body(text.encode(), yaml=False)
    assert str(raised.value) == words


def test_a_body_in_yaml() -> None:
    body = read_body(b"apiVersion: apps/v1\nkind: Deployment\nkind: Job\n", yaml=True)
    assert (body.value, body.group_version) == ({"apiVersion": "apps/v1", "kind": "Job"}, "apps/v1")
    assert body.strict_error is not None
    with pytest.raises(UnreadableBody, match="yaml: "):
        read_body(b"a: [", yaml=True)
