"""What a program prints while it runs, made readable by `plain.program_output`: bytes come in, bytes go out.

A line may come in parts, and a prompt is a line without an end: what is held back is let go when asked for.
"""

from collections.abc import Callable

from .plain import program_output

__all__ = ["ProgramStream"]

_MAX_HELD = 64 * 1024


class ProgramStream:
    """`write` takes what may be shown; `raw` leaves everything as it is. `changed`: something was changed."""

    def __init__(self, write: Callable[[bytes], None], *, raw: bool) -> None:
        self._write = write
        self._raw = raw
        self._held = b""
        self.changed = False

    def feed(self, data: bytes) -> None:
        """Show whole lines, and hold the rest back."""
        if self._raw:
            self._write(data)
            return
        end = (self._held + data).rfind(b"\n") + 1
        lines, self._held = (self._held + data)[:end], (self._held + data)[end:]
        self._show(lines)
        if len(self._held) > _MAX_HELD:
            self.flush()

    def flush(self, *, whole: bool = False) -> None:
        """Show what is held back, but for a character that has come in part; `whole`: no more will come."""
        end = len(self._held) if whole else _complete(self._held)
        shown, self._held = self._held[:end], self._held[end:]
        self._show(shown)

    def _show(self, data: bytes) -> None:
        if data:
            plain = program_output(data)
            self.changed = self.changed or plain != data
            self._write(plain)


def _complete(data: bytes) -> int:
    """Count the bytes before a last character in UTF-8 of which some are missing."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(data) - back if needed > back else len(data)
    return len(data)
