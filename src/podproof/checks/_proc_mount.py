"""What the two procMount controls share: which containers set something else than `Default`."""

from ..kube.pod import Container, Pod, PodSpec
from ._text import names, quoted, who
from .model.pod_security import Spot, Violation, remove_value


def only_default(_pod: Pod, _spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    """Refuse every procMount that is set and is not `Default`; an empty string is not."""
    bad: list[Container] = []
    values: set[str] = set()
    for c in containers:
        sc = c.security_context
        if sc is not None and sc.proc_mount is not None and sc.proc_mount != "Default":
            bad.append(c)
            values.add(sc.proc_mount)
    if not bad:
        return None
    return Violation(
        "procMount",
        f"{names(bad)} must not set securityContext.procMount to {quoted(sorted(values))}",
        lambda: [
            Spot(
                c,
                ("securityContext", "procMount"),
                f"{who(c)} must leave procMount at Default, has "
                f'"{c.security_context and c.security_context.proc_mount}"',
                "remove it",
                remove_value(("securityContext", "procMount")),
            )
            for c in bad
        ],
    )
