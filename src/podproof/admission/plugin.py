"""What an admission plugin is: a name and what it does in each of the server's two phases.

Values only; the plugins are in files of their own, and their order in `chain.py`.
Source: kubernetes 1.37.2, apiserver pkg/admission/interfaces.go, MutationInterface and ValidationInterface.
"""

from collections.abc import Callable

import msgspec

from ..edits.edit import Edit
from ..policies.psp.pod_mutator import PolicyEdit
from .attributes import Attributes
from .decision import Decision, PolicyReport
from .state import ClusterState

__all__ = ["Mutate", "Mutation", "Plugin", "Validate"]


class Mutation(msgspec.Struct, frozen=True):
    """What a plugin does before API validation: it refuses the request, or changes its object.

    `edits` change the object as it was sent; `policy_edits` are those of them that a PodSecurityPolicy asks
    for, with their origins. `assumed_accounts` are service accounts, as `namespace/name`, that are taken to
    exist. The keys of `audit_annotations` have their prefix.
    """

    refusal: Decision | None = None
    edits: tuple[Edit, ...] = ()
    policy_edits: tuple[PolicyEdit, ...] = ()
    policies: tuple[PolicyReport, ...] = ()
    audit_annotations: dict[str, str] = {}
    assumed_accounts: tuple[str, ...] = ()


Mutate = Callable[[ClusterState, Attributes], Mutation]
Validate = Callable[[ClusterState, Attributes], Decision]


class Plugin(msgspec.Struct, frozen=True):
    """An admission plugin, named as in the server's flags; None is a phase that it takes no part in."""

    name: str
    mutate: Mutate | None = None
    validate: Validate | None = None
