"""The shapes of names, keys, values and numbers, at their borders, with the API server's sentences.

Source: apimachinery 1.37.2 pkg/util/validation/validation.go, pkg/api/validate/content.
"""

from collections.abc import Callable

import pytest

from podproof.kube.validation.formats import (
    between,
    byte_length,
    config_map_key,
    content_subdomain,
    dns_label,
    dns_subdomain,
    dns_subdomain_with_underscore,
    environment_name,
    http_header_name,
    label_value,
    name_prefix,
    percent,
    port_name,
    port_number,
    qualified_name,
    strict_environment_name,
    user_or_group_id,
)

EDGES = "and must start and end with an alphanumeric character"
LABEL_RE = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
KEY_RE = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
USED = "regex used for validation is"
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    f"{EDGES} (e.g. 'my-name',  or '123-abc', {USED} '{LABEL_RE}')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    rf"{EDGES} (e.g. 'example.com', {USED} '{LABEL_RE}(\.{LABEL_RE})*')"
)
PART = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
UNDERSCORE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
    rf"{EDGES} (e.g. 'example.com', {USED} '{PART}(\.{PART})*')"
)
KEY = (
    f"must consist of alphanumeric characters, '-', '_' or '.', {EDGES} "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', {USED} '{KEY_RE}')"
)
VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    f"{EDGES} (e.g. 'MyValue',  or 'my_value',  or '12345', {USED} '({KEY_RE})?')"
)
SLASHES = f"a valid label key {KEY} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
CONFIG = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    f"'KEY_NAME',  or 'key-name', {USED} '[-._a-zA-Z0-9]+')"
)
STRICT = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and "
    "must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', "
    f"{USED} '[-._a-zA-Z][-._a-zA-Z0-9]*')"
)
PRINTABLE = "a valid environment variable name must consist only of printable ASCII characters other than '='"
HEADER = (
    "a valid HTTP header must consist of alphanumeric characters or '-' "
    f"(e.g. 'X-Header-Name', {USED} '[-A-Za-z0-9]+')"
)
PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    f"(e.g. '1%',  or '93%', {USED} '[0-9]+%')"
)
NO_LETTER = "must contain at least one letter (a-z)"
NO_PORT = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"


def most(limit: int, what: str = "characters") -> str:
    return f"must be no more than {limit} {what}"


Shape = Callable[[str], tuple[str, ...]]


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        (dns_label, ["a", "0", "a-b", "a--0", "a" * 63]),
        (dns_subdomain, ["a", "a.b", "a-b.c-d", "0.0", "a" * 253]),
        (content_subdomain, ["a.b", "a" * 253]),
        (dns_subdomain_with_underscore, ["a", "_a", "_a._b", "a_b", "a" * 253]),
        (qualified_name, ["a", "A", "0", "a.b_c-D", "a.b/C", "a" * 63, "a" * 253 + "/" + "b" * 63]),
        (label_value, ["", "a", "A-b_c.0", "a" * 63]),
        (port_name, ["a", "a0", "0a", "a-b", "a" * 15]),
        (environment_name, ["a", " ", "~", "1", "a b", "..", "a" * 999]),
        (strict_environment_name, ["a", "_", "-", "a.b", ".a", "A1"]),
        (config_map_key, ["a", "0", ".a", "-", "_", "a..b", "...a"[2:], "a" * 253]),
        (http_header_name, ["a", "X-0", "-"]),
        (percent, ["0%", "25%", "0100%"]),
    ],
)
def test_what_is_valid(shape: Shape, values: list[str]) -> None:
    assert {value: shape(value) for value in values if shape(value)} == {}


@pytest.mark.parametrize(
    ("shape", "value", "faults"),
    [
        (dns_label, "", [LABEL]),
        (dns_label, "A", [LABEL]),
        (dns_label, "-a", [LABEL]),
        (dns_label, "a-", [LABEL]),
        (dns_label, "a\n", [LABEL]),
        (dns_label, "a.b", ["must not contain dots"]),
        (dns_label, "a" * 64, [most(63)]),
        (dns_label, "\u00e9" * 32, [most(63), LABEL]),
        (dns_subdomain, "", [SUBDOMAIN]),
        (dns_subdomain, "a..b", [SUBDOMAIN]),
        (dns_subdomain, "a.B", [SUBDOMAIN]),
        (dns_subdomain, "a" * 254, [most(253)]),
        (dns_subdomain, "A" * 254, [most(253), SUBDOMAIN]),
        (content_subdomain, "a" * 254, [most(253, "bytes")]),
        (dns_subdomain_with_underscore, "a" * 254, [most(253)]),
        (dns_subdomain_with_underscore, "__a", [UNDERSCORE]),
        (dns_subdomain_with_underscore, "a_", [UNDERSCORE]),
        (qualified_name, "", ["name part must be non-empty", f"name part {KEY}"]),
        (qualified_name, "-", [f"name part {KEY}"]),
        (qualified_name, "a b", [f"name part {KEY}"]),
        (qualified_name, "a" * 64, [f"name part {most(63, 'bytes')}"]),
        (qualified_name, "a/", ["name part must be non-empty", f"name part {KEY}"]),
        (qualified_name, "/a", ["prefix part must be non-empty"]),
        (qualified_name, "A/a", [f"prefix part {SUBDOMAIN}"]),
        (qualified_name, "a" * 254 + "/a", [f"prefix part {most(253, 'bytes')}"]),
        (qualified_name, "a/b/c", [SLASHES]),
        (label_value, "-", [VALUE]),
        (label_value, "a" * 64, [most(63, "bytes")]),
        (label_value, "-" * 64, [most(63, "bytes"), VALUE]),
        (port_name, "", [NO_PORT, NO_LETTER]),
        (port_name, "0", [NO_LETTER]),
        (port_name, "a" * 16, [most(15)]),
        (port_name, "A", [NO_PORT, NO_LETTER]),
        (port_name, "a--b", ["must not contain consecutive hyphens"]),
        (port_name, "-a", ["must not begin or end with a hyphen"]),
        (port_name, "a-", ["must not begin or end with a hyphen"]),
        (environment_name, "", ["environment variable name must be non-empty"]),
        (environment_name, "a=b", [PRINTABLE]),
        (environment_name, "a\t", [PRINTABLE]),
        (environment_name, "\x7f", [PRINTABLE]),
        (strict_environment_name, "", [STRICT]),
        (strict_environment_name, "1", [STRICT]),
        (strict_environment_name, "a b", [STRICT]),
        (strict_environment_name, ".", ["must not be '.'"]),
        (strict_environment_name, "..", ["must not be '..'"]),
        (strict_environment_name, "..a", ["must not start with '..'"]),
        (config_map_key, "", [CONFIG]),
        (config_map_key, "a/b", [CONFIG]),
        (config_map_key, "a" * 254, [most(253)]),
        (config_map_key, ".", ["must not be '.'"]),
        (config_map_key, "..", ["must not be '..'"]),
        (config_map_key, "...", ["must not start with '..'"]),
        (http_header_name, "", [HEADER]),
        (http_header_name, "a_b", [HEADER]),
        (percent, "%", [PERCENT]),
        (percent, "25", [PERCENT]),
        (percent, "-1%", [PERCENT]),
        (percent, "1%%", [PERCENT]),
    ],
)
def test_what_is_not(shape: Shape, value: str, faults: list[str]) -> None:
    assert list(shape(value)) == faults


def test_numbers() -> None:
    ports, ids = "must be between 1 and 65535, inclusive", "must be between 0 and 2147483647, inclusive"
    assert between(1, 65535) == ports
    assert [port_number(value) for value in (0, 1, 65535, 65536)] == [(ports,), (), (), (ports,)]
    assert [user_or_group_id(value) for value in (-1, 0, 2147483647, 2147483648)] == [(ids,), (), (), (ids,)]


def test_prefixes_and_lengths() -> None:
    prefixes = {"web-": "wea", "a-": "a", "-": "-", "web": "web", "web--": "weba", "": ""}
    assert {value: name_prefix(value) for value in prefixes} == prefixes
    assert [byte_length(text) for text in ("", "abc", "\u00e9", "\U0001f600", "\ud800")] == [0, 3, 2, 4, 3]
