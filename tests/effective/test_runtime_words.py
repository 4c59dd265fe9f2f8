"""A runtime has words for what it refuses, and only for that."""

from pathlib import Path

import pytest

from podproof.effective.runtime import RUNTIMES, RuntimeProfile, parse_runtime, runtime_of
from podproof.errors import UsageError


@pytest.mark.parametrize("runtime", list(RUNTIMES.values()), ids=list(RUNTIMES))
def test_idmapped_mounts_fail_where_there_are_user_namespaces(runtime: RuntimeProfile) -> None:
    assert bool(runtime.idmap_error) is runtime.user_namespaces
    assert runtime.sandbox_group_error


def test_a_runtime_of_which_nothing_is_said_has_no_words() -> None:
    bare = RuntimeProfile("x", frozenset())
    fields = [name for name in RuntimeProfile.__struct_fields__ if name.endswith("_error")]
    assert {name: getattr(bare, name) for name in fields} == {
        name: "EPERM" if name == "unshare_error" else "" for name in fields
    }
    assert (bare.source, bare.idmap_reason, bare.sysctls) == ("", "RunContainerError", ())


def test_everything_that_is_known_of_each_runtime() -> None:
    """Compare with runtimes.txt; the words of containerd were recorded, those of CRI-O read in its source."""
    told = []
    for name, profile in RUNTIMES.items():
        told.append(f"== {name}")
        for field in RuntimeProfile.__struct_fields__:
            value = getattr(profile, field)
            shown = " ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
            told.append(f"{field} = {shown}".rstrip())
        told.append("")
    text = Path(__file__).with_name("runtimes.txt").read_text(encoding="utf-8")
    assert "\n".join(told) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("containerd", "containerd-2.3.7"),
        ("Containerd", "containerd-2.3.7"),
        ("containerd-1", "containerd-1.6.20"),
        ("containerd-v1.7.27", "containerd-1.6.20"),
        ("containerd-2.0.5", "containerd-2.3.7"),
        ("cri-o", "cri-o"),
        ("crio", "cri-o"),
        ("CRI-O", "cri-o"),
        ("crio-1.33", "cri-o"),
        ("cri-o-v1.33.4", "cri-o"),
    ],
)
def test_a_runtimes_name(text: str, name: str) -> None:
    assert parse_runtime(text).name == runtime_of(text).name == name
    assert parse_runtime(RUNTIMES[name]) is RUNTIMES[name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("containerd-3.0", "unknown runtime 'containerd-3.0', nearest are "),
        ("containerd-x", "unknown runtime 'containerd-x', nearest are "),
        ("containerd-", "unknown runtime 'containerd-', nearest are "),
        ("containerd-1.x", "unknown runtime 'containerd-1.x', nearest are "),
        ("containerd2", "unknown runtime 'containerd2', nearest are "),
        ("cri-o-", "unknown runtime 'cri-o-', nearest are cri-o"),
        ("cri-o-new", "unknown runtime 'cri-o-new', nearest are cri-o"),
        ("docker", "unknown runtime 'docker', nearest are "),
        ("", "unknown runtime '', nearest are containerd-1.6.20, containerd-2.3.7, cri-o"),
        (7, "the runtime must be a name such as containerd-2.3.7, has 7"),
    ],
)
def test_a_runtime_that_is_not_known(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_runtime(text)
    assert str(caught.value).startswith(message)
    assert runtime_of(text).name == "containerd-2.3.7"
