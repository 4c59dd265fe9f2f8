"""Where a block scalar ends: its code points and libyaml's end come in, the end of its last line goes out."""

__all__ = ["block_end"]


def block_end(text: str, start: int, end: int) -> int:
    """Give the end of a block scalar's last line: libyaml's mark runs on past comments to the next token."""
    header_end = text.find("\n", start, end)
    if header_end < 0:
        return start + len(text[start:end].rstrip())
    header = text[start:header_end].split("#")[0]
    keeps_blank_lines = "+" in header
    indent = 1 if any(char.isdigit() for char in header) else None
    last = header_end
    position = header_end + 1
    while position < end:
        line_end = text.find("\n", position, end)
        line_end = end if line_end < 0 else line_end
        line = text[position:line_end].rstrip("\r")
        content = line.lstrip(" ")
        if content:
            own_indent = len(line) - len(content)
            if indent is None:
                indent = own_indent
            if own_indent < indent:
                break
        if content or keeps_blank_lines:
            last = line_end
        position = line_end + 1
    return last - 1 if text[last - 1 : last] == "\r" else last
