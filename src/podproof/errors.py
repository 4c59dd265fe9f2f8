"""Every exception Podproof raises on purpose, as one tree.

PodproofError
├── UsageError          the command line or the configuration is wrong (exit 2)
│   └── StateError      ... or well-formed, but this machine, a kept pod or a folder is not ready for it
├── InputError          an input could not be read or decided (exit 4)
│   └── ManifestError   ... because of what stands in a manifest, with its place
└── OutputError         a result could not be delivered (exit 4)

The user's fault is always one of these; anything else that escapes is a fault of Podproof.
"""


class PodproofError(Exception):
    """Is the root of the tree; the message is one line: lower case, no full stop, who + what + remedy."""


class UsageError(PodproofError):
    """Says which option or configuration key is wrong and what to write instead."""


class StateError(UsageError):
    """Says what this machine, a kept pod or a folder lacks, where no other option would help."""


class InputError(PodproofError):
    """Says which input could not be read and why."""


class ManifestError(InputError):
    """Says which object, or which place in a text, could not be understood.

    `route` is the field's route in the object (empty when the whole object is meant).
    """

    def __init__(self, message: str, *, route: "tuple[str | int, ...]" = ()) -> None:
        super().__init__(message)
        self.route = route


class OutputError(PodproofError):
    """Says where a result could not be written and why."""
