"""One-line messages with a place for texts that cannot be read: libyaml's words plus what to do.

In: an error of the parser and the text. Out: a code point of the text and a message. Never prints.
"""

import re

import yaml

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")

TOO_DEEP = "exceeded maximum nesting depth"
"""libyaml's own words at 1,000 levels."""

_REMEDIES = (
    ("mapping values are not allowed", "check the indentation, or quote the value that has a colon in it"),
    ("block sequence entries are not allowed", "put the list on the next line, or quote the value"),
    ("did not find expected key", "check the indentation of this line and the one above, and closing quotes"),
    (
        "did not find expected '-' indicator",
        "check the indentation: all items of a list start in one column",
    ),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("did not find expected ',' or", "close the bracket or separate the items with commas"),
    ("did not find expected node content", "write a value here or remove the indicator"),
    ("found undefined tag handle", "quote the value, or write a tag that YAML knows"),
    ("found unknown escape character", "in double quotes a backslash is written \\\\; or use single quotes"),
    (
        "did not find expected alphabetic or numeric character",
        "use only letters, digits, - and _ in the name",
    ),
    ("found character that cannot start any token", "quote the value"),
    (
        "did not find expected <document start>",
        "Kubernetes ignores everything from here on; check the indentation, or put a line --- before it",
    ),
    ("did not find expected whitespace or line break", "put a space after the tag, or quote the value"),
)


def explain_syntax_error(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """Give the code point where the text breaks, and a message that says what to write instead."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return _unreadable(text, error)
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(text)) if mark is not None else 0
    problem = str(error.problem or "the text is not YAML")
    if problem == TOO_DEEP:
        return index, "nested deeper than 1000 levels: no Kubernetes object is, so flatten it"
    context = str(error.context or "")
    if "quoted scalar" in context and "unexpected" in problem:
        opened = error.context_mark.index if error.context_mark is not None else index
        return min(opened, len(text)), "the quote that opens here is never closed: close it"
    if text[index : index + 1] == "\t" and "cannot start any token" in problem:
        return index, "YAML does not allow a tab here: indent with spaces"
    before = text[text.rfind("\n", 0, index) + 1 : index]
    if "\t" in before and not before.strip(" \t-"):
        tab = index - len(before) + before.index("\t")
        return tab, "YAML does not allow a tab here: indent with spaces"
    if ("flow mapping" in context or "flow sequence" in context) and index >= len(text.rstrip()):
        opened = error.context_mark.index if error.context_mark is not None else index
        return min(opened, len(text)), "the bracket that opens here is never closed: close it"
    from podproof.manifest.repair import find_star

    star = find_star(error, text)
    if star is not None:
        return star.start, star.complaint
    if "alphabetic or numeric" in problem and text[index - 1 : index] in ("*", "&"):
        return index - 1, "a name must follow * and &: quote the value that starts with * or &"
    for words, remedy in _REMEDIES:
        if words in problem:
            return index, f"{problem}: {remedy}"
    return index, f"{problem}: check the indentation and the quotes around here"


def _unreadable(text: str, error: yaml.YAMLError) -> tuple[int, str]:
    match = CONTROL.search(text)
    if match is not None:
        return match.start(), (
            f"the control character U+{ord(match[0]):04X} is not allowed: remove it, or write it as an escape"
        )
    position = getattr(error, "position", None)
    index = position if isinstance(position, int) and 0 <= position <= len(text) else 0
    return (
        index,
        f"{getattr(error, 'reason', None) or 'the text is not YAML'}: save the file as plain UTF-8 text",
    )
