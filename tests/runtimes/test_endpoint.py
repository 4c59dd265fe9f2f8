"""A runtime that somebody else runs: Podproof's session at it leaves nothing, the runtime stays as it is."""

from pathlib import Path

import pytest
from private_engine import engine_folder, leftovers, places_at

from podproof.runtimes.embedded import SESSION_LABEL, EmbeddedEngine
from podproof.runtimes.embedded.cleanup import cgroup_folders
from podproof.runtimes.engine import ContainerRequest, SandboxRequest
from podproof.session.run.engine import open_engine


def test_a_session_at_an_endpoint_leaves_nothing(
    embedded: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine_folder() as folder:
        monkeypatch.setenv("PODPROOF_ENGINE_DIR", str(folder))
        ours = places_at(folder)
        with open_engine(embedded.endpoint, print) as opened:
            session = opened.session
            logs = session.directory / "logs"
            logs.mkdir()
            labels = {SESSION_LABEL: session.id}
            sandbox = SandboxRequest(
                name="web",
                namespace="default",
                uid="u1",
                log_directory=str(logs),
                labels=labels,
                cgroup_parent=f"{session.cgroup}/pod-u1",
            )
            id = opened.engine.run_sandbox(sandbox)
            container = ContainerRequest(name="c", image="local.lab/bb:1", labels=labels, log_path="c.log")
            opened.engine.start_container(opened.engine.create_container(id, container, sandbox))
            assert [*cgroup_folders(session.cgroup)]
        assert opened.engine is not embedded
        assert embedded.sandboxes(labels) == ()
        assert leftovers(ours) == [str(ours.session_locks)]
        assert [*ours.session_locks.iterdir()] == []
        assert not Path(session.directory).exists()
