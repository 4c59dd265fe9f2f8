"""What a container printed on standard output, out of the log file that the engine writes for it."""

from pathlib import Path

__all__ = ["read_log"]

_LIMIT = 4 * 1024 * 1024


def read_log(path: Path) -> str:
    """Read the lines of standard output; "" while there is no log.

    Source: kubernetes design-proposals, CRI logging: `TIME stdout F|P TEXT`; P is a part of a line.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT)
    except OSError:
        return ""
    out: list[str] = []
    for line in raw.decode(errors="replace").splitlines():
        fields = line.split(" ", 3)
        if len(fields) == 4 and fields[1] == "stdout":
            out.append(fields[3] + ("\n" if fields[2].split(":")[0] == "F" else ""))
    return "".join(out)
