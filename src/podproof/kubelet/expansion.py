"""`$(VAR)`: the references that the kubelet replaces in commands, arguments and environment values."""

from collections.abc import Callable, Mapping

__all__ = ["MAX_EXPANDED", "ConfigProblem", "expand", "expand_with", "lookup"]

MAX_EXPANDED = 16 * 1024 * 1024
"""Characters that references may make of one text, and of all texts of a container together.

Each variable may repeat one before it ten times, so forty of them would not fit into any memory. A runtime
refuses longer messages: containerd says `grpc: received message larger than max (... vs. 16777216)`.
"""


class ConfigProblem(Exception):
    """Says in the kubelet's words why a container cannot be configured (CreateContainerConfigError)."""


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

    Raises ConfigProblem as `expand_with` does.
    Source: kubernetes third_party/forked/golang/expansion/expand.go.
    """
    return expand_with(text, lookup(*sources))


def expand_with(text: str, value_of: Callable[[str], str]) -> str:
    """Do what `expand` does with a function of the name.

    Raises ConfigProblem: the text would have more than `MAX_EXPANDED` characters.
    """
    parts: list[str] = []
    at = size = 0
    last = text.rfind(")")  # known, so that many an unclosed reference does not look for it to the end
    while True:
        dollar = text.find("$", at)
        # a dollar at the very end stands for itself
        if dollar < 0 or dollar + 1 == len(text):
            break
        parts.append(text[at:dollar])
        following = text[dollar + 1]
        closing = text.find(")", dollar + 2) if following == "(" and dollar < last else -1
        if following == "$":
            parts.append("$")
            at = dollar + 2
        elif closing != -1:
            value = value_of(text[dollar + 2 : closing])
            size += len(value)
            if size > MAX_EXPANDED:
                raise ConfigProblem(f"$(...) makes more than {MAX_EXPANDED} characters of one text")
            parts.append(value)
            at = closing + 1
        else:
            parts.append("$" + following)
            at = dollar + 2
    return "".join(parts) + text[at:]
