"""One pod that a document makes, and where in the document each of its fields was written."""

from typing import Any

import msgspec

from ..manifest.route import Route

__all__ = ["Template"]


class Template(msgspec.Struct, frozen=True):
    """One pod that a document makes.

    `pod` is a Pod as a mapping (`spec` may be anything: it is what stands there). `prefixes` maps routes of
    the pod to routes of the document, longest first. `route` is where the template stands. `read` are more
    routes of the document that were read for the pod. `filled_in` are the names of containers that the
    document leaves to a controller: neutral values stand for what it writes, so that only the rest is judged.
    `placeholder` opens text that a controller replaces; "" where none is.
    """

    pod: dict[str, Any]
    route: Route
    prefixes: tuple[tuple[Route, Route], ...]
    read: tuple[Route, ...] = ()
    filled_in: tuple[str, ...] = ()
    placeholder: str = ""

    def source_route(self, route: Route) -> Route:
        """Translate a route of the pod into one of the document."""
        for inner, outer in self.prefixes:
            if not inner:
                return outer + route
            if route[: len(inner)] == inner:
                return outer + route[len(inner) :]
        return self.route

    def has_source(self, route: Route) -> bool:
        """Say whether the document has a place for a route below what it was read as.

        A fragment has none for what was filled in around it, a custom resource none for a field of pods that
        its type does not have.
        """
        whole = len(self.prefixes) == 1
        return any(
            len(route) > len(inner) and route[: len(inner)] == inner
            for inner, _ in self.prefixes
            if inner or whole
        )
