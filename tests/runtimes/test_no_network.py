"""Without network plugins pods have their loopback interface, and the engine says why they have no more."""

from pathlib import Path

import requires
from engine_conformance import Pod
from images import recorded_archive
from private_engine import engine_folder, leftovers, places_at

from podproof.runtimes.embedded import embedded_engine, stop_engine
from podproof.runtimes.machine import network_fact


@requires.needs(requires.engine)
def test_pods_have_loopback_alone() -> None:
    with engine_folder() as folder:
        places = places_at(folder, plugins=(folder / "none",))
        engine = embedded_engine(places=places)
        engine.import_archive(recorded_archive())
        reason = "no network plugins bridge, host-local, loopback (package containernetworking-plugins)"
        assert engine.features().network == reason
        pod = Pod(engine, "alone")
        assert engine.sandbox(pod.id).ip == ""
        status, said = pod.run("ifconfig -a; ping -c 1 127.0.0.1")
        assert status.exit_code == 0, said
        assert "eth0" not in said
        assert said.count("Link encap") == 1
        pod.remove()
        engine.close()
        stop_engine(places)
        assert leftovers(places) == []


def test_the_doctor_says_what_to_install(tmp_path: Path) -> None:
    fact = network_fact(places_at(tmp_path, plugins=(tmp_path,)))
    assert (fact.works, fact.remedy) == ("limited", "install the package containernetworking-plugins")
