"""Examines this machine for `podproof doctor`: its kernel, its programs, and an engine that is started.

An endpoint or none comes in, facts go out. Nothing is installed.
"""

from collections.abc import Callable

from ..errors import PodproofError
from ..runtimes.embedded.places import Places
from ..runtimes.engine import EngineError, Features
from ..runtimes.machine import Fact, kernel_facts, network_fact, program_facts

__all__ = ["examine"]


def examine(endpoint: str | None, progress: Callable[[str], None] = lambda _: None) -> tuple[Fact, ...]:
    """Give the facts, the engine's last. Pods run here when none of them is "no"."""
    places = Places.from_environment()
    facts = list(kernel_facts(places))
    if endpoint is None:
        facts += [*program_facts(places), network_fact(places)]
    if any(fact.works == "no" for fact in facts):
        facts.append(Fact("engine", "no", "not tried, because of what is missing above"))
        return tuple(facts)
    try:
        features = _given(endpoint) if endpoint else _embedded(places, progress)
    except EngineError as error:
        facts.append(Fact("engine", "no", error.detail))
    except PodproofError as error:
        facts.append(Fact("engine", "no", str(error)))
    else:
        where = endpoint or "embedded"
        facts.append(Fact("engine", "yes", f"{features.name} {features.version} answers, {where}"))
        facts += _features(features)
    return tuple(facts)


def _given(endpoint: str) -> Features:
    from ..runtimes.cri.client import CriEngine

    engine = CriEngine(endpoint)
    try:
        return engine.features()
    finally:
        engine.close()


def _embedded(places: Places, progress: Callable[[str], None]) -> Features:
    from ..runtimes.embedded.start import embedded_engine

    engine = embedded_engine(places=places, progress=progress)
    try:
        return engine.features()
    finally:
        engine.close()


def _features(features: Features) -> list[Fact]:
    """Say what does not work in pods when an engine lacks a feature."""
    lacks = f"not in {features.name} {features.version}"
    losses = (
        ("hostUsers: false", features.user_namespaces, "such pods do not start"),
        (
            "supplementalGroupsPolicy: Strict",
            features.strict_groups,
            "such pods are refused",
        ),
        (
            "recursiveReadOnly",
            features.recursive_read_only,
            "pods with Enabled do not start, IfPossible acts as Disabled",
        ),
    )
    facts = [
        Fact(name, "yes", "works") if there else Fact(name, "limited", f"{lacks}: {loss}")
        for name, there, loss in losses
    ]
    if features.network is not None:
        facts.append(Fact("pods' addresses", "limited", features.network))
    return facts
