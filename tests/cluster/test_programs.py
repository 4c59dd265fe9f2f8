"""Where kube-apiserver comes from, and what is said where there is none."""

from pathlib import Path

import go_tools
import pytest

from podproof.kube.versions import NEWEST

from . import programs


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without the program, and without Go; the folder is where others may be put."""
    monkeypatch.setattr(go_tools, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return tmp_path


def _put(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_pinned_release_is_the_newest_that_is_known() -> None:
    assert programs.VERSION.startswith(f"v1.{NEWEST}.")


def test_it_is_looked_for_in_assets_then_in_the_path_then_in_the_cache(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = _put(go_tools.installed("kube-apiserver", programs.VERSION))
    assert programs.program("kube-apiserver") == stored
    on_path = _put(nowhere / "kube-apiserver")
    assert programs.program("kube-apiserver") == on_path
    asset = _put(nowhere / "assets" / "kube-apiserver")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(nowhere / "assets"))
    assert programs.program("kube-apiserver") == asset


@pytest.mark.parametrize(
    ("tests", "reason"),
    [("", r"\./test --all builds it where Go is"), ("all", "needs Go to build kube-apiserver")],
)
@pytest.mark.usefixtures("nowhere")
def test_where_there_is_none_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, tests: str, reason: str
) -> None:
    monkeypatch.setenv("PODPROOF_TESTS", tests)
    with pytest.raises(pytest.skip.Exception, match=reason):
        programs.program("kube-apiserver")


@pytest.mark.usefixtures("nowhere")
def test_etcd_is_never_built() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"needs etcd.*package etcd-server"):
        programs.program("etcd")
