"""`$(VAR)`: the references that the kubelet replaces in commands, arguments and environment values."""

from collections.abc import Callable, Mapping

__all__ = ["expand", "expand_with", "lookup"]


def lookup(*sources: Mapping[str, str]) -> Callable[[str], str]:
    """Make the function that a name goes through: the first source that has it, else the reference itself."""

    def value_of(name: str) -> str:
        for source in sources:
            if name in source:
                return source[name]
        return f"$({name})"

    return value_of


def expand(text: str, *sources: Mapping[str, str]) -> str:
    """Replace every `$(NAME)`; `$$` is a dollar, an unknown or unclosed reference stays as written.

    Source: kubernetes third_party/forked/golang/expansion/expand.go.
    """
    return expand_with(text, lookup(*sources))


def expand_with(text: str, value_of: Callable[[str], str]) -> str:
    """Do what `expand` does with a function of the name."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        dollar = text.find("$", at)
        # a dollar at the very end stands for itself
        if dollar < 0 or dollar + 1 == len(text):
            break
        parts.append(text[at:dollar])
        following = text[dollar + 1]
        closing = text.find(")", dollar + 2) if following == "(" else -1
        if following == "$":
            parts.append("$")
            at = dollar + 2
        elif closing >= 0:
            parts.append(value_of(text[dollar + 2 : closing]))
            at = closing + 1
        else:
            parts.append("$" + following)
            at = dollar + 2
    return "".join(parts) + text[at:]
