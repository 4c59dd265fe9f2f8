"""What the verbs share that look at kept pods: options, and the pod that a name means."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..runtimes.embedded import Places
    from ..session.run.kept_pods import KeptPod

__all__ = ["all_kept", "container", "namespace", "one_kept", "raw"]

namespace = click.option("-n", "--namespace", metavar="NAME", help="Look in this namespace.  [default: all]")
container = click.option(
    "-c", "--container", metavar="NAME", help="The container.  [default: the pod's first]"
)
raw = click.option("--raw", is_flag=True, help="Print it as it is, control characters too.")


def all_kept() -> "tuple[list[KeptPod], Places]":
    """Find every kept pod, and where they are. Raises UsageError: not root."""
    import os

    from ..errors import StateError
    from ..runtimes.embedded import Places
    from ..session.run.kept_pods import find_kept

    if os.geteuid() != 0:
        raise StateError("kept pods are root's: run it with sudo")
    places = Places.from_environment()
    return list(find_kept(places)), places


def one_kept(name: str, namespace: str | None) -> "tuple[KeptPod, Places]":
    """Find the one kept pod of a name. Raises UsageError: there is none, or more than one."""
    from ..errors import UsageError
    from ..session.run.kept_pods import resolve_kept

    pods, places = all_kept()
    found = resolve_kept(name, namespace, pods)
    if len(found) > 1:
        listed = ", ".join(f"{one.namespace}/{one.name} ({one.uid})" for one in found[:10])
        raise UsageError(
            f"{len(found)} kept pods are {name}: {listed}; add -n, or write one's name or uid instead"
        )
    return found[0], places
