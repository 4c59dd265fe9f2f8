"""What a container's program gains by the capabilities of its file, where the image is known."""

from .container_in_pod import ContainerInPod

__all__ = ["program_capabilities"]


def program_capabilities(placed: ContainerInPod) -> frozenset[str] | None:
    """Name the capabilities that the kernel raises when it starts the program; None: not known.

    They count as far as the bounding set has them; where it lacks one, the program is not started at all.
    Programs that this one starts are not known.
    Source: capabilities(7), "Safety checking for capability-dumb binaries"; recorded with runc and crun.
    """
    image = placed.image
    if image is None or image.file_capabilities is None or placed.container.command is not None:
        return None
    if placed.container.args is not None and not image.entrypoint:
        return None  # the first argument is the program then
    if image.file_capabilities == "unknown":
        return None
    raised: set[str] = set()
    for part in image.file_capabilities.split():
        names, _, flags = part.partition("=")
        if "e" in flags and "p" in flags:
            raised.update(name.upper().removeprefix("CAP_") for name in names.split(","))
    return frozenset(raised)
