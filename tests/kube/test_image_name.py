"""Image names give what Go's parser gave: parts and full names, or its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podproof.kube.image_name import (
    ImageName,
    ImageNameError,
    default_pull_policy,
    full_name,
    parse_image_name,
    with_default_tag,
)

SHA256 = "sha256:" + "a" * 64
SHA512 = "sha512:" + "b" * 128


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("cloudnatived/demo:hello", "docker.io/cloudnatived/demo:hello"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("index.docker.io/nginx:1", "docker.io/library/nginx:1"),
        ("localhost/web", "localhost/web:latest"),
        ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
        ("127.0.0.1:9/nosuch:1", "127.0.0.1:9/nosuch:1"),
        ("[::1]:5000/web", "[::1]:5000/web:latest"),
        ("UPPER/case", "UPPER/case:latest"),
        (f"quay.io/a/b@{SHA256}", f"quay.io/a/b@{SHA256}"),
        (f"quay.io/a/b:1@{SHA512}", f"quay.io/a/b@{SHA512}"),
        ("a--b__c/d", "docker.io/a--b__c/d:latest"),
    ],
)
def test_names_are_written_in_full(text: str, full: str) -> None:
    assert full_name(text) == full


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "invalid reference format"),
        ("UPPER/Case", "invalid reference format: repository name (Case) must be lowercase"),
        ("Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"),
        ("host_name.d:1/e", "invalid reference format"),
        ("nginx:", "invalid reference format"),
        ("ngi nx", "invalid reference format"),
        ("nginx\n", "invalid reference format"),
        ("a/../b", "invalid reference format"),
        ("a" * 256, "repository name must not be more than 255 characters"),
        ("0" * 64, f"invalid repository name ({'0' * 64}), cannot specify 64-byte hexadecimal strings"),
        (f"web@sha256:{'a' * 63}", "invalid checksum digest length"),
        (f"web@sha256:{'A' * 64}", "invalid checksum digest format"),
        (f"web@md5:{'a' * 32}", "unsupported digest algorithm"),
    ],
)
def test_what_is_no_name_is_said_in_gos_words(text: str, words: str) -> None:
    with pytest.raises(ImageNameError) as caught:
        parse_image_name(text)
    assert str(caught.value) == words
    assert default_pull_policy(text) == "IfNotPresent"


def test_the_default_tag_is_added_and_nothing_else() -> None:
    assert with_default_tag("nginx") == "nginx:latest"
    assert with_default_tag("docker.io/nginx") == "docker.io/nginx:latest"
    assert with_default_tag("nginx:latest") == "nginx:latest"
    assert with_default_tag(f"nginx@{SHA256}") == f"nginx@{SHA256}"
    with pytest.raises(
        ImageNameError, match=r"^couldn't parse image name \"A B\": invalid reference format: "
    ):
        with_default_tag("A B")


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1", "IfNotPresent"),
        (f"nginx@{SHA256}", "IfNotPresent"),
    ],
)
def test_the_policy_follows_the_tag(image: str, policy: str) -> None:
    assert default_pull_policy(image) == policy


PARTS = st.sampled_from(
    [
        "a",
        "nginx",
        "localhost",
        "docker.io",
        "index.docker.io",
        "a.b",
        "a-b",
        "a_b",
        "a__b",
        "a--b",
        "A",
        "0",
        "library",
        "-a",
        "a.",
        "a.b_c",
        "é",
    ]
) | st.sampled_from(["", "f" * 63, "f" * 64, "a" * 60, "b" * 256])
NAMES_OF_ALL_FORMS = st.builds(
    lambda parts, port, tag, digest: (
        "/".join(parts[:1]) + port + "".join(f"/{p}" for p in parts[1:]) + tag + digest
    ),
    st.lists(PARTS, min_size=1, max_size=4),
    st.sampled_from(["", "", "", ":5000"]),
    st.sampled_from(
        ["", "", ":1.2", ":latest", ":_a", ":-a", ":A.b-c", ":" + "a" * 128, ":" + "a" * 129, ":", ":1\n"]
    ),
    st.sampled_from(["", "", "", "@sha256:" + "0" * 64, "@sha256:0"]),
)


def _parsed(text: str) -> ImageName | str:
    try:
        return parse_image_name(text)
    except ImageNameError as error:
        return str(error)


@given(NAMES_OF_ALL_FORMS)
def test_an_ordinary_name_is_parsed_as_any_other(text: str) -> None:
    fast = _parsed(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("podproof.kube.image_name._SHORT", 0)
        assert fast == _parsed(text), text
