"""Names objects as people do: kind, namespace and name come in, `Deployment shop/web` goes out."""

from .plain import one_line

__all__ = ["object_name"]


def object_name(kind: str | None, namespace: str | None, name: str | None) -> str:
    """Name an object as far as it says who it is, in printable text; "" where it says nothing."""
    path = "/".join(part for part in (namespace, name) if part)
    return one_line(" ".join(part for part in (kind, path) if part))
