"""The webhook configurations: which requests the API server sends, where to, and what happens if it cannot.

An Installation and the texts go in, a document for each configuration goes out. Namespaces are selected by
`kubernetes.io/metadata.name` alone, which is always the name: nobody leaves a namespace out of a selector by
a label, not even who may change the namespace.
"""

from collections.abc import Callable
from string import Template

from .installation import Installation
from .scalars import flow_list, scalar

__all__ = ["mutating", "validating"]

_Texts = Callable[[str], Template]

_SECONDS = {"Fail": "5", "Ignore": "3"}
"""How long the API server waits, by failure policy."""


def validating(wanted: Installation, text: _Texts) -> str:
    """Write what denies, in the mode `enforcing`, and what only advises."""
    webhooks = []
    everywhere = ("NotIn", wanted.excluded)
    guarded = ("rules_pods", "rules_namespaces")
    if wanted.mode == "enforcing":
        selected = ("In", wanted.enforced) if wanted.enforced else everywhere
        about = "# Denies, and if no replica answers, the API server denies."
        webhooks.append(
            _webhook(wanted, text, "validate", "/validate", "Fail", selected, guarded, about=about)
        )
    if wanted.mode == "advisory" or wanted.enforced:
        about = "# Warns of what would be denied. If no replica answers, the API server goes on without."
        rest = ("NotIn", (*wanted.excluded, *wanted.enforced))
        webhooks.append(_webhook(wanted, text, "advise", "/advise", "Ignore", rest, guarded, about=about))
    about = "# Warns of workloads whose pods would be denied; pods themselves are reviewed above."
    webhooks.append(
        _webhook(wanted, text, "warn", "/advise", "Ignore", everywhere, ("rules_workloads",), about=about)
    )
    about = "# Delete this first of all when Podproof is removed, or when it stops what it should not."
    return text("webhookconfiguration").substitute(
        about=about, kind="ValidatingWebhookConfiguration", webhooks="".join(webhooks).rstrip("\n")
    )


def mutating(wanted: Installation, text: _Texts) -> str:
    """Write what fills in of new pods what PodSecurityPolicies ask for."""
    selected = ("In", wanted.enforced) if wanted.enforced else ("NotIn", wanted.excluded)
    about = "# Fills in what the policy that admits a pod asks for."
    webhook = _webhook(wanted, text, "mutate", "/mutate", "Fail", selected, ("rules_pods",), about=about)
    return text("webhookconfiguration").substitute(
        about="# Delete this together with the ValidatingWebhookConfiguration.",
        kind="MutatingWebhookConfiguration",
        webhooks=webhook.rstrip("\n"),
    )


def _webhook(
    wanted: Installation,
    text: _Texts,
    name: str,
    path: str,
    failure_policy: str,
    selected: tuple[str, tuple[str, ...]],
    rules: tuple[str, ...],
    *,
    about: str,
) -> str:
    operator, names = selected
    return text("webhook").substitute(
        about=about,
        name=f"{name}.podproof.dev",
        failure_policy=failure_policy,
        timeout=_SECONDS[failure_policy],
        reinvocation="  reinvocationPolicy: IfNeeded\n" if path == "/mutate" else "",
        namespace=scalar(wanted.namespace),
        path=path,
        operator=operator,
        names=flow_list(names),
        rules="".join(text(one).template for one in rules).rstrip("\n"),
    )
