"""Image references: what `nginx` is short for, so that a manifest's spelling finds an archive's."""

__all__ = ["digest_of", "normalize"]


def normalize(reference: str) -> str:
    """Write a reference in full: registry, repository and tag, or digest (a tag beside it is dropped).

    A first part without dot, colon or `localhost` is not a registry: docker.io is meant, and `library/`
    when the name has one part only. Source: distribution/reference, ParseDockerRef.
    """
    name, _, digest = reference.partition("@")
    head, slash, last = name.rpartition("/")
    repository, _, tag = last.partition(":")
    name = f"{head}{slash}{repository}"
    registry, slash, rest = name.partition("/")
    if registry in ("docker.io", "index.docker.io") and slash:
        name = f"docker.io/{rest}" if "/" in rest else f"docker.io/library/{rest}"
    elif not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        name = f"docker.io/{name}" if slash else f"docker.io/library/{name}"
    if digest:
        return f"{name}@{digest}"
    return f"{name}:{tag or 'latest'}"


def digest_of(reference: str) -> str | None:
    """Give the digest that a reference names; None when it names a tag."""
    return reference.partition("@")[2] or None
