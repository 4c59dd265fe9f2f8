"""The template that a document was rendered from: its bytes come in, the path that helm left goes out."""

__all__ = ["helm_source"]


def helm_source(body: bytes) -> str | None:
    """Find the template's path in the comments above the content, as `helm template` writes it."""
    if b"# Source:" not in body:
        return None
    for line in body.decode("utf-8").splitlines():
        if line.startswith("# Source:"):
            return line[9:].strip() or None
        if line and not line.startswith("#") and not line.isspace():
            return None
    return None
