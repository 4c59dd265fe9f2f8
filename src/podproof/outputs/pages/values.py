"""The effective values that people ask for first, as chips: a process comes in, a short list goes out.

Whatever is dangerous has a sign and a colour. What is not known is said so, never left out.
"""

from collections.abc import Iterator

import msgspec

from ...effective.linux_capabilities import CAPABILITIES
from ...effective.predicted import PredictedContext
from ...effective.seccomp import resolve_seccomp
from ...effective.value import Unknown
from .markup import Markup, element

__all__ = ["DANGER", "STRONG", "ProcessValues", "chip", "chips", "predicted_values"]

DANGER = "▲"
"""Stands before a dangerous value, so that nobody has to see its colour."""

_FEW = 3
"""Capabilities that are named; more are counted."""

STRONG = frozenset(
    ("SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "NET_ADMIN", "BPF", "SYS_BOOT")
)
"""Capabilities that reach the node or its other processes. Source: man 7 capabilities."""


class ProcessValues(msgspec.Struct, frozen=True):
    """What is known of a container's process, in the kernel's words. `privileged` is the manifest's."""

    privileged: bool | Unknown
    uid: int | Unknown
    capabilities: tuple[str, ...] | Unknown
    no_new_privs: bool | Unknown
    seccomp: str | Unknown
    read_only_root: bool | Unknown


def predicted_values(context: PredictedContext) -> ProcessValues:
    """Take them from what `check` predicted."""
    return ProcessValues(
        privileged=context.placed.privileged,
        uid=context.uid.value,
        capabilities=context.capabilities.effective.value,
        no_new_privs=context.no_new_privs.value,
        seccomp=resolve_seccomp(context.placed).value,
        read_only_root=context.read_only_root.value,
    )


def chips(values: ProcessValues) -> Markup:
    """Write the list; what is dangerous comes first."""
    words = sorted(_words(values), key=lambda pair: ("bad", "warn", "", "good").index(pair[1]))
    return element("ul", *(element("li", chip(text, mood)) for text, mood in words), class_="chips")


def chip(text: str, mood: str = "") -> Markup:
    """Write one; `mood` is bad, warn, good or nothing."""
    shown = f"{DANGER} {text}" if mood == "bad" else text
    return element("span", shown, class_=f"chip {mood}".strip())


def _words(values: ProcessValues) -> Iterator[tuple[str, str]]:
    if values.privileged is True:
        yield "privileged", "bad"
    if isinstance(values.uid, Unknown):
        yield "user unknown, may be root", "warn"
    else:
        yield ("root (UID 0)", "bad") if values.uid == 0 else (f"UID {values.uid}", "good")
    yield _capabilities(values.capabilities)
    if values.no_new_privs is True:
        yield "no_new_privs", "good"
    elif values.no_new_privs is False:
        yield "may gain privileges", "warn"
    if isinstance(values.seccomp, Unknown):
        yield "seccomp unknown", "warn"
    else:
        yield f"seccomp {values.seccomp}", "bad" if values.seccomp == "Unconfined" else "good"
    if values.read_only_root is True:
        yield "read-only root file system", "good"
    elif values.read_only_root is False:
        yield "writable root file system", ""


def _capabilities(effective: tuple[str, ...] | Unknown) -> tuple[str, str]:
    if isinstance(effective, Unknown):
        return "capabilities unknown", "warn"
    if not effective:
        return "no capabilities", "good"
    strong = [name for name in effective if name in STRONG]
    mood = "bad" if strong else "warn"
    if len(effective) == len(CAPABILITIES):
        return "all capabilities", mood
    if len(effective) <= _FEW:
        return f"capabilities {', '.join(effective)}", mood
    named = f" ({', '.join(strong[:_FEW])}{', …' if len(strong) > _FEW else ''})" if strong else ""
    return f"{len(effective)} capabilities{named}", mood
