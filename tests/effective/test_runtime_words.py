"""A runtime has words for what it refuses, and only for that."""

import pytest

from podproof.effective.runtime import RUNTIMES, RuntimeProfile


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
