"""What can go wrong between a registry and this machine."""

from ..errors import ImageError

__all__ = [
    "AccessDenied",
    "NoConnection",
    "NotThere",
    "NotTls",
    "PullError",
    "RefusedPlace",
    "Unreachable",
]


class PullError(ImageError):
    """Says which registry did not give what it should, and why."""


class RefusedPlace(PullError):
    """Says that a request would go where no flag allows it; nothing was sent there."""


class Unreachable(PullError):
    """Says that a registry does not answer, or not now; another try may help."""


class NoConnection(Unreachable):
    """Says that nobody at a registry's address takes a connection, or that its name has no address."""


class NotTls(NoConnection):
    """Says that a registry does not know TLS."""


class NotThere(PullError):
    """Says that a registry does not have it."""


class AccessDenied(PullError):
    """Says that a registry wants a login, or another one."""
