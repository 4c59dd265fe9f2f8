"""What may never end, read for a limited time: a named pipe, a device, a file of /proc.

In: a stream that does not block. Out: its bytes up to its end, or to one byte beyond the limit.
"""

import io
import select
from time import monotonic

from ..manifest.limits import Limits

_AT_ONCE = 1 << 20


def read_stream(stream: io.RawIOBase, limits: Limits) -> bytes:
    """Read to the end, or to one byte beyond the limit of bytes.

    Raises TimeoutError: the end did not come within the limit of seconds; its words are for the person.
    """
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    parts: list[bytes] = []
    missing = limits.max_bytes + 1
    ends = monotonic() + limits.max_seconds
    while missing > 0:
        left = ends - monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            came = sum(map(len, parts))
            raise TimeoutError(f"its end did not come within {limits.max_seconds:g} s ({came:,} bytes did)")
        part = stream.read(min(missing, _AT_ONCE))
        if part is None:  # ready a moment ago, and no longer
            continue
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
