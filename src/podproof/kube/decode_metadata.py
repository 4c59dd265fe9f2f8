"""Decodes only an object's metadata, which is alike for every kind, for readers that need nothing else.

What stands there comes in, what `decode` says of it goes out, under the name of the type that the reader has.
"""

from typing import Any

import msgspec

from .decode import Decoded, decode

__all__ = ["decode_metadata"]


def decode_metadata(metadata: Any, owner: str, *, version: int) -> Decoded:
    """Decode `metadata` of an object that is of Go's type `owner` for its reader, at Kubernetes 1.`version`.

    The result's object has it under `metadata`.
    """
    decoded = decode({"metadata": metadata}, "core/v1.Pod", version=version)
    if decoded.fatal is None:
        return decoded
    message = decoded.fatal.message.replace("field Pod.metadata", f"field {owner}.metadata")
    return msgspec.structs.replace(decoded, fatal=msgspec.structs.replace(decoded.fatal, message=message))
