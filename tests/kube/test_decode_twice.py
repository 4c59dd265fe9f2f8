"""A key that stands twice is decoded over what the first one left, as Go's decoder does.

Expected values are those of sigs.k8s.io/json (v0.0.0-20250730193827) decoding into k8s.io/api v0.37.2.
"""

from typing import Any

import pytest

from podproof.kube.decode import decode
from podproof.kube.go_json import parse
from podproof.policies.pod_security import evaluate

A = '{"name":"a","image":"i"}'
B = '{"name":"b","image":"j","securityContext":{"privileged":true}}'


def spec_of(text: str) -> Any:
    return decode(parse(b'{"spec":{%s}}' % text.encode()), "Pod", version=37).object["spec"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'"containers":[{A},{B}],"containers":[{{}}]', [{"name": "a", "image": "i"}]),
        (
            f'"containers":[{A},{B}],"containers":[{{}}],"containers":[null,{{"name":"c"}}]',
            [
                {"name": "a", "image": "i"},
                {"name": "c", "image": "j", "securityContext": {"privileged": True}},
            ],
        ),
        (f'"containers":[{A},{B}],"containers":[],"containers":[{{}},{{}}]', [{}, {}]),
        (f'"containers":[{A},{B}],"containers":null,"containers":[{{}},{{}}]', [{}, {}]),
    ],
)
def test_a_shorter_array_hides_what_a_longer_one_finds_again(text: str, expected: Any) -> None:
    assert spec_of(text) == {"containers": expected}


def test_what_was_hidden_is_judged() -> None:
    pod = f'{{"spec":{{"containers":[{A},{B}],"containers":[{{}}],"containers":[{{}},{{}}]}}}}'
    assert not evaluate(pod, level="baseline").allowed


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ('"port":80,"port":null', {"port": 80}),
        ('"port":"http","port":null', {}),
        ('"port":null,"port":"http"', {"port": "http"}),
    ],
)
def test_a_null_leaves_a_port_number(written: str, held: Any) -> None:
    probe = f'"containers":[{{"livenessProbe":{{"tcpSocket":{{{written}}}}}}}]'
    assert spec_of(probe)["containers"][0]["livenessProbe"]["tcpSocket"] == held


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"nodeSelector":{"a":"b"},"nodeSelector":{"c":"d"}', {"nodeSelector": {"a": "b", "c": "d"}}),
        ('"nodeSelector":{"a":"b","a":null}', {"nodeSelector": {"a": ""}}),
        ('"nodeSelector":{"a":"b"},"nodeSelector":null', {}),
        ('"securityContext":{"runAsUser":1},"securityContext":null', {}),
        ('"hostPID":true,"hostPID":null', {"hostPID": True}),
        ('"hostUsers":false,"hostUsers":null', {}),
    ],
)
def test_maps_are_joined_and_null_takes_pointers_away(text: str, expected: Any) -> None:
    assert spec_of(text) == expected
