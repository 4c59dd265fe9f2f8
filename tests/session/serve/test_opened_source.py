"""Which source the options of `serve` name: exactly one."""

from pathlib import Path

import pytest

from podproof.errors import UsageError
from podproof.session.serve.folder_source import FolderSource
from podproof.session.serve.opened_source import open_source


def opened(**options: str | None) -> object:
    given = {"folder": None, "kubeconfig": None, "config": None, "kubernetes_version": None, **options}
    return open_source(max_staleness=60.0, **given)[0]  # type: ignore[arg-type]


def test_a_folder_is_read(tmp_path: Path) -> None:
    assert isinstance(opened(folder=str(tmp_path)), FolderSource)


def test_two_sources_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--cluster and --kubeconfig are both given"):
        opened(folder=str(tmp_path), kubeconfig="config")


def test_none_outside_of_a_pod_is_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(UsageError, match=r"^no cluster to serve: this is not a pod"):
        opened()


def test_a_kubeconfig_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match=r"^--kubeconfig none: No such file or directory$"):
        opened(kubeconfig="none")
