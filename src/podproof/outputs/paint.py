"""Colors and links of a terminal: a style and a text come in, the text goes out as it is to look."""

__all__ = ["Paint", "no_link"]

_RESET = "\x1b[0m"
_COLORS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "bold": "\x1b[1m",
    "frame": "\x1b[34m",
    "dim": "\x1b[2m",
    "add": "\x1b[32m",
}


class Paint:
    """Colors text, or leaves it alone, as it does where a style has no color."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        code = _COLORS.get(style, "")
        return f"{code}{text}{_RESET}" if self.color and text and code else text


def no_link(_check: str) -> str:
    """Give no address."""
    return ""
