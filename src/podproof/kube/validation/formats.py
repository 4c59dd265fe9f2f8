"""The shapes of names, labels, ports and numbers, with the API server's sentence for each fault.

A string or number comes in, the list of what is wrong with it goes out (empty when it is valid). It never
knows which field the value stands in.
Source: kubernetes 1.37.2, apimachinery pkg/util/validation/validation.go and pkg/api/validate/content.
"""

import re
from collections.abc import Callable
from functools import cache, partial

MAX_ID = 2147483647  # math.MaxInt32: the largest user or group ID
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_SUBDOMAIN_UNDERSCORE = rf"{_LABEL_UNDERSCORE}(\.{_LABEL_UNDERSCORE})*"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_EDGES = "must start and end with an alphanumeric character"

_LONGEST_KEPT = 320
"""Characters of a text that is worth remembering: a label's key has no more."""
_MOST_KEPT = 2048
"""So many texts of each shape are remembered: 2.5 MiB at most."""


_Judge = Callable[[str], tuple[str, ...]]

valid_environment_names: set[str] = set()
"""Names that `environment_name` has found valid, as many as are remembered."""


def _remembering(judge: _Judge, valid: set[str] | None = None) -> _Judge:
    """Remember in `valid` which texts nothing is wrong with: names and labels come again and again."""
    valid = set() if valid is None else valid

    def faults_of(value: str) -> tuple[str, ...]:
        if value in valid:
            return ()
        faults = judge(value)
        if not faults and len(value) <= _LONGEST_KEPT:
            if len(valid) >= _MOST_KEPT:
                valid.clear()
            valid.add(value)
        return faults

    return faults_of


@cache
def matcher(pattern: str) -> "re.Pattern[str]":
    """Compile a pattern at its first use; `fullmatch` it: Go's `$` does not match before a line feed."""
    return re.compile(pattern)


def byte_length(text: str) -> int:
    """Count bytes as Go's `len` does."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def too_many_characters(limit: int) -> str:
    """Say that a text has more than `limit` characters. Source: apimachinery validation.MaxLenError."""
    return f"must be no more than {limit} characters"


def between(low: int, high: int) -> str:
    """Say that a number must be from `low` to `high`. Source: apimachinery validation.InclusiveRangeError."""
    return f"must be between {low} and {high}, inclusive"


def _by_expression(message: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{pattern}')"


@_remembering
def dns_label(value: str) -> tuple[str, ...]:
    """Say what is wrong with an RFC 1123 label (a container's or volume's name)."""
    faults = []
    if byte_length(value) > 63:
        faults.append(too_many_characters(63))
    if not matcher(_LABEL).fullmatch(value):
        if matcher(_SUBDOMAIN).fullmatch(value):
            faults.append("must not contain dots")
        else:
            faults.append(
                _by_expression(
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
                    f"and {_EDGES}",
                    _LABEL,
                    "my-name",
                    "123-abc",
                )
            )
    return tuple(faults)


@_remembering
def dns_subdomain(value: str) -> tuple[str, ...]:
    """Say what is wrong with an RFC 1123 subdomain (an object's name)."""
    if len(value) <= 253 and matcher(_SUBDOMAIN).fullmatch(value):
        return ()
    faults = []
    if byte_length(value) > 253:
        faults.append(too_many_characters(253))
    if not matcher(_SUBDOMAIN).fullmatch(value):
        faults.append(
            _by_expression(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
                f"'-' or '.', and {_EDGES}",
                _SUBDOMAIN,
                "example.com",
            )
        )
    return tuple(faults)


def dns_subdomain_with_underscore(value: str) -> tuple[str, ...]:
    """Say what is wrong with a DNS search path."""
    faults = []
    if byte_length(value) > 253:
        faults.append(too_many_characters(253))
    if not matcher(_SUBDOMAIN_UNDERSCORE).fullmatch(value):
        faults.append(
            _by_expression(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
                f"'_', '-' or '.', and {_EDGES}",
                _SUBDOMAIN_UNDERSCORE,
                "example.com",
            )
        )
    return tuple(faults)


def name_prefix(value: str) -> str:
    """Make a `generateName` judgeable as a name: a trailing dash is allowed there.

    The last *two* characters give way to one, as in the API server's own maskTrailingDash.
    """
    return value[:-2] + "a" if len(value) > 1 and value.endswith("-") else value


@_remembering
def qualified_name(value: str) -> tuple[str, ...]:
    """Say what is wrong with a label's or annotation's key (lower-case the latter first)."""
    if len(value) <= 63 and matcher(_KEY).fullmatch(value):
        return ()  # nearly every key without a prefix
    message = f"must consist of alphanumeric characters, '-', '_' or '.', and {_EDGES}"
    examples = ("MyName", "my.name", "123-abc")
    parts = value.split("/")
    faults = []
    if len(parts) > 2:
        sentence = _by_expression(f"a valid label key {message}", _KEY, *examples)
        return (f"{sentence} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",)
    name = parts[-1]
    if len(parts) == 2:
        if not parts[0]:
            faults.append("prefix part must be non-empty")
        else:
            faults.extend(f"prefix part {fault}" for fault in content_subdomain(parts[0]))
    if not name:
        faults.append("name part must be non-empty")
    elif byte_length(name) > 63:
        faults.append("name part must be no more than 63 bytes")
    if not matcher(_KEY).fullmatch(name):
        faults.append("name part " + _by_expression(message, _KEY, *examples))
    return tuple(faults)


def content_subdomain(value: str) -> tuple[str, ...]:
    """Say what is wrong with an RFC 1123 subdomain in the newer package's words: its limit is in bytes."""
    return tuple(fault.replace("253 characters", "253 bytes") for fault in dns_subdomain(value))


@_remembering
def label_value(value: str) -> tuple[str, ...]:
    """Say what is wrong with a label's value."""
    if not value or (len(value) <= 63 and matcher(_KEY).fullmatch(value)):
        return ()
    faults = []
    if byte_length(value) > 63:
        faults.append("must be no more than 63 bytes")
    if not matcher(f"({_KEY})?").fullmatch(value):
        faults.append(
            _by_expression(
                "a valid label must be an empty string or consist of alphanumeric characters, "
                f"'-', '_' or '.', and {_EDGES}",
                f"({_KEY})?",
                "MyValue",
                "my_value",
                "12345",
            )
        )
    return tuple(faults)


@_remembering
def port_name(value: str) -> tuple[str, ...]:
    """Say what is wrong with a port's name."""
    if len(value) <= 15 and value.isascii() and value.isalpha() and value.islower():
        return ()  # `http`, as nearly every one
    faults = []
    if byte_length(value) > 15:
        faults.append(too_many_characters(15))
    if not matcher("[-a-z0-9]+").fullmatch(value):
        faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not matcher("[a-z]").search(value):
        faults.append("must contain at least one letter (a-z)")
    if "--" in value:
        faults.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        faults.append("must not begin or end with a hyphen")
    return tuple(faults)


def port_number(value: int) -> tuple[str, ...]:
    """Say what is wrong with a port's number."""
    return () if 1 <= value <= 65535 else (between(1, 65535),)


def user_or_group_id(value: int) -> tuple[str, ...]:
    """Say what is wrong with a user or group ID."""
    return () if 0 <= value <= MAX_ID else (between(0, MAX_ID),)


@partial(_remembering, valid=valid_environment_names)
def environment_name(value: str) -> tuple[str, ...]:
    """Say what is wrong with an environment variable's name (the relaxed rule, since 1.32)."""
    if not value:
        return ("environment variable name must be non-empty",)
    if not (value.isascii() and value.isprintable()) or "=" in value:
        rule = "must consist only of printable ASCII characters other than '='"
        return (f"a valid environment variable name {rule}",)
    return ()


def strict_environment_name(value: str) -> tuple[str, ...]:
    """Say what is wrong with an environment variable's name by the rule of servers before 1.32."""
    pattern = "[-._a-zA-Z][-._a-zA-Z0-9]*"
    faults = []
    if not matcher(pattern).fullmatch(value):
        rule = (
            "must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit"
        )
        examples = ("my.env-name", "MY_ENV.NAME", "MyEnvName1")
        faults.append(_by_expression(f"a valid environment variable name {rule}", pattern, *examples))
    return (*faults, *_parent_folder(value))


@_remembering
def config_map_key(value: str) -> tuple[str, ...]:
    """Say what is wrong with a key of a ConfigMap or Secret."""
    faults = []
    pattern = "[-._a-zA-Z0-9]+"
    if byte_length(value) > 253:
        faults.append(too_many_characters(253))
    if not matcher(pattern).fullmatch(value):
        faults.append(
            _by_expression(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                pattern,
                "key.name",
                "KEY_NAME",
                "key-name",
            )
        )
    return (*faults, *_parent_folder(value))


def _parent_folder(value: str) -> tuple[str, ...]:
    if value in (".", ".."):
        return (f"must not be '{value}'",)
    return ("must not start with '..'",) if value.startswith("..") else ()


def http_header_name(value: str) -> tuple[str, ...]:
    """Say what is wrong with an HTTP header's name."""
    pattern = "[-A-Za-z0-9]+"
    if matcher(pattern).fullmatch(value):
        return ()
    message = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return (_by_expression(message, pattern, "X-Header-Name"),)


@_remembering
def percent(value: str) -> tuple[str, ...]:
    """Say what is wrong with a percentage such as `25%`."""
    if matcher("[0-9]+%").fullmatch(value):
        return ()
    message = "a valid percent string must be a numeric string followed by an ending '%'"
    return (_by_expression(message, "[0-9]+%", "1%", "93%"),)
