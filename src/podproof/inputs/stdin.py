"""Standard input as one more file.

In: a binary stream. Out: its bytes under the name `<stdin>`, bounded like a file's. Never parses anything.
"""

from typing import BinaryIO

from ..manifest.limits import DEFAULT, Limits
from .input import InputFile, UnreadableInput

NAME = "<stdin>"


def load(stream: BinaryIO, limits: Limits = DEFAULT) -> InputFile | UnreadableInput:
    """Read the stream to its end, or to one byte beyond the limit."""
    try:
        data = stream.read(limits.max_bytes + 1)
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        return UnreadableInput(NAME, 1, 1, f"cannot be read ({words}): pipe a manifest in")
    if len(data) > limits.max_bytes:
        megabytes = limits.max_bytes // (1024 * 1024)
        return UnreadableInput(NAME, 1, 1, f"more than the {megabytes} MiB allowed at once: split the input")
    return InputFile(NAME, data)
