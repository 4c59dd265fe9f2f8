"""What other people's rules may add to the kernel's own: unknown seccomp profiles, AppArmor, SELinux.

An expectation by the kernel's rules comes in; out comes what can still be expected of a process that is
confined besides. Source of AppArmor's part: containerd contrib/apparmor/template.go, the default profile.
"""

import errno

from ...effective.context import EffectiveSecurityContext
from ...effective.value import Unknown
from .attack import Attack, Expectation
from .kernel_rules import refused, unknown

__all__ = ["confine"]

_KNOWN_FILTERS = ("Unconfined", "RuntimeDefault")


def confine(attack: Attack, expected: Expectation, context: EffectiveSecurityContext) -> Expectation:
    """Widen or drop an expectation.

    A profile of the node's own can answer any call with any error. AppArmor and SELinux refuse with EACCES
    (and EPERM), before the kernel gives its own answer; what they let through is theirs to say.
    """
    seccomp, label = context.seccomp.value, context.selinux.value
    if expected.allowed is None:
        return expected
    if seccomp not in _KNOWN_FILTERS and not attack.by_profile:
        return unknown(f"the seccomp profile {seccomp} is not known here")
    apparmor = context.apparmor.value
    profiled = apparmor != "Unconfined"
    if label is None and not profiled:
        return expected
    name = f"AppArmor {apparmor}" if profiled and not isinstance(apparmor, Unknown) else "a security module"
    if not expected.allowed:
        if not all(hasattr(errno, answer) for answer in expected.errors):
            return expected  # the step itself is allowed: what it gave is looked at
        return refused(*dict.fromkeys((*expected.errors, "EACCES", "EPERM")), why=expected.why)
    if label is not None or attack.mediated or str(apparmor).startswith("Localhost/"):
        return unknown(f"{name} may refuse it: its rules are not known here")
    return expected
