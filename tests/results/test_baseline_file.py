"""Baselines as files: lines that are sorted and read again, and errors for everything that is none."""

import json

import pytest

from podproof.errors import InputError
from podproof.results.accepted import Accepted, AcceptedFinding, union
from podproof.results.baseline import read_baseline, write_baseline
from podproof.results.fingerprint import Subject

WEB = Subject("privileged", "apps", "Deployment", "shop", "web", "", "container", "web", "spec.containers.[]")
API = Subject("host-ports", "", "Pod", "", "api")
UNNAMED = Subject("fragment", "", "", "", "", "deploy/ä.yaml")

HEAD = '{"schema":"podproof/baseline/v1"}\n'
LINE = (
    '{"check":"privileged","kind":"Deployment","group":"apps","namespace":"shop","name":"web",'
    '"container_kind":"container","container":"web","field":"spec.containers.[]","count":2,"reason":"devices",'
    f'"fingerprint":"{WEB.fingerprint}"}}\n'
)


def test_lines_are_sorted_and_read_again() -> None:
    findings = [AcceptedFinding(WEB, 2, "devices"), AcceptedFinding(UNNAMED), AcceptedFinding(API, 3)]
    lines = list(write_baseline(findings))
    assert (lines[0], lines[-1]) == (HEAD, LINE)
    assert [json.loads(line).get("check") for line in lines] == [None, "fragment", "host-ports", "privileged"]
    assert lines == list(write_baseline(reversed(findings)))
    read = read_baseline("b", "".join(lines).encode())
    assert read.findings == {finding.subject.fingerprint: finding for finding in findings}


def test_two_lines_of_one_subject_accept_as_many_as_the_larger() -> None:
    more = LINE.replace('"count":2', '"count":5')
    read = read_baseline("b", (HEAD + LINE + more + LINE).encode())
    assert read.count(WEB.fingerprint) == 5


OTHER = LINE.replace('"check":"privileged"', '"check":"low-user-id"')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "b:1: is not a baseline: its first line has to be "),
        (b"# Subject\n", "b:1: is not a baseline"),
        (b'{"schema":"podproof/baseline/v2"}\n', "b:1: is not a baseline"),
        (b"\xff\xfe", "b: is not a baseline of Podproof: it is not UTF-8"),
        (HEAD + "{", "b:2: is not a line of a baseline"),
        (HEAD + "[" * 100_000, "b:2: is not a line of a baseline"),
        (HEAD + '{"check":1}', "b:2: is not a line of a baseline"),
        (HEAD + '{"check":"a","more":1}', "b:2: is not a line of a baseline"),
        (HEAD + LINE + "<<<<<<< HEAD\n", "b:3: a conflict of a merge is not resolved"),
        (HEAD + LINE.replace('"count":2', '"count":0'), "b:2: count must be 1 or more, is 0"),
        (HEAD + OTHER, "b:2: its fingerprint is not that of its fields, so it accepts"),
    ],
)  # fmt: skip
def test_what_is_no_baseline_is_named(text: bytes | str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_baseline("b", text if isinstance(text, bytes) else text.encode())
    assert str(raised.value).startswith(message)


def test_of_two_the_more_generous_counts() -> None:
    one = Accepted({"a": AcceptedFinding(WEB, 1, "one"), "b": AcceptedFinding(API, 4)})
    other = Accepted({"a": AcceptedFinding(WEB, 3, "other")}, refusals=True)
    both = union([one, other])
    assert both == Accepted({"a": AcceptedFinding(WEB, 3, "other"), "b": AcceptedFinding(API, 4)}, True)
    assert union([one]) is one
    assert union([]) is None
