#!/usr/bin/env python3
"""Asks a real API server and `accept` the same odd questions and shows where they differ.

Bodies are made from the tables of types: values of every field, most of them of the right type, some null, of
another type, out of range, misspelt or written twice; as JSON text, or as YAML with odd scalars. A tool for
development: it needs a server of the newest version where anybody with the token may create pods, asks it
with dryRun only, and never runs in the tests.
Usage: decode_fuzz.py https://127.0.0.1:6443 --token T [--namespace N] [--seed S] [--count C] [--yaml]
"""

# ruff: noqa: E501 - words to choose from, one list a line
import argparse
import json
import random
import sys

from oracle_server import OracleServer
from random_objects.workloads import API_VERSIONS

from podproof import accept
from podproof.kube.types import Type, workload_type
from podproof.kube.versions import NEWEST

_KINDS = ("Pod", "PodTemplate", "Deployment", "Job", "CronJob")


def _words(text: str) -> list[str]:
    return text.split(" ")


_ODD = _words(
    "null true false 0 -0 1 -1 1.0 1.5 1e3 1E400 -1e-9 2147483648 9223372036854775808 123456789012345678901234567890 "
    '"" "x" "1" "true" "1Gi" "é" "\\u0000" "\\ud83d\\ude00" "\\ud800" "a\\"b\\\\c" [] [null] [1] ["x"] [[]] {} '
    '{"a":1} {"a":null} {"A":{"b":[]}}'
)

_YAML = _words(
    "yes no on off y n Yes TRUE ~ null Null 0x10 0o17 017 1_000 1e3 1.0 .5 .inf -.inf .nan +1 -0 1:30 2020-01-01 "
    '2020-01-01T00:00:00Z \'\' \'1\' "yes" !!str 1 !!int "1" !!bool "true" [] {} [1] {a: 1} 0b11 1e400 0x8000000000000000 '
    "18446744073709551615 18446744073709551616 9223372036854775808 012345678 1__0 0_1 é |- = <<"
)

_QUANTITIES = _words(
    "1 0 1Gi 100m 1.5 1e3 1E3 1Ei 0.1m .5 1. . + - -1 +1 1x 1Kii 1e 1E 1eK 1Ki1 1e1.5 0x1 1_0 00 1n 0.5n 1e99 1e-99 "
    "9223372036854775807 9223372036854775808 1e400 12345678901234567890123 5Ei 0.1Ki 1K 1ki"
)

_TIMES = _words(
    "2020-01-02T03:04:05Z 2020-01-02T03:04:05.678Z 2020-01-02T03:04:05+02:00 2020-01-02 2020-1-2T03:04:05Z "
    "2020-13-02T03:04:05Z 2020-02-30T03:04:05Z 2020-01-02T24:04:05Z 2020-01-02T03:60:05Z 2020-01-02T03:04:60Z "
    "2020-01-02T03:04:05 2020-01-02T03:04:05Zx 2020-01-02T03:04:05+25:00 2020-01-02t03:04:05z 20200102 é x"
)


class Generator:
    """Makes bodies from types, with a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.oddness = 0.0

    def body(self, kind: str, api_version: str) -> str:
        """Make one JSON text."""
        type_ = workload_type(api_version, kind, NEWEST)
        assert type_ is not None
        self.oddness = self.random.choice((0.0, 0.01, 0.03, 0.1))
        text = self.struct(type_, 0, {"kind": json.dumps(kind), "apiVersion": json.dumps(api_version)})
        if self.random.random() < 0.05:
            at = self.random.randrange(len(text))
            text = (
                text[:at]
                + self.random.choice(("", ",", "}", "]", '"', "x", "\\", "\n", "\x01"))
                + text[at + 1 :]
            )
        return text

    def struct(self, type_: Type, depth: int, given: dict[str, str] | None = None) -> str:
        pick = self.random.random
        members: list[str] = []
        fields = type_.fields
        names = list(given or ())
        chance = min(0.5, 6 / max(1, len(fields)))
        names += [name for name in fields if name not in names and name != "status" and pick() < chance]
        if "spec" in fields and "spec" not in names:
            names.append("spec")
        if "containers" in fields and "containers" not in names and depth < 6:
            names.append("containers")
        for name in names:
            value = (given or {}).get(name) or self.value(fields[name].type, depth + 1)
            members.append(f"{json.dumps(name)}: {value}")
            if pick() < self.oddness:
                members.append(f"{json.dumps(name)}: {self.value(fields[name].type, depth + 1)}")
            if pick() < self.oddness:
                odd = self.random.choice((name.upper(), name + "s", name[:-1], "x-y", 'a"b', "é", "a.b", ""))
                members.append(f"{json.dumps(odd)}: {self.random.choice(_ODD)}")
        return "{" + ", ".join(members) + "}"

    def value(self, type_: Type, depth: int) -> str:
        choose = self.random.choice
        if self.random.random() < self.oddness:
            return choose(_ODD)
        kind = type_.kind
        if kind == "struct":
            return self.struct(type_, depth) if depth < 9 else "{}"
        if kind == "slice":
            assert type_.item is not None
            return (
                "["
                + ", ".join(self.value(type_.item, depth + 1) for _ in range(self.random.randrange(3)))
                + "]"
            )
        if kind == "map":
            assert type_.item is not None
            keys = self.random.choices(("a", "b", "cpu", "memory", "x/y", "a"), k=self.random.randrange(3))
            return (
                "{" + ", ".join(f"{json.dumps(k)}: {self.value(type_.item, depth + 1)}" for k in keys) + "}"
            )
        if kind == "bool":
            return choose(("true", "false"))
        if kind == "int":
            return choose(("0", "1", "5", "1000", "-1"))
        if type_.name == "resource.Quantity":
            text = choose(_QUANTITIES) if self.random.random() < self.oddness * 5 else "1"
            return text if text in ("0", "1") else json.dumps(text)
        if type_.name == "intstr.IntOrString":
            return choose(("1", '"http"', "80", '"25%"'))
        if type_.name == "v1.Time":
            return json.dumps(choose(_TIMES) if self.random.random() < self.oddness * 5 else _TIMES[0])
        return json.dumps(choose(("a", "b", "x", "")))

    def yaml(self) -> str:
        """Make one YAML text: a pod whose scalars are odd."""
        lines = ["apiVersion: v1", "kind: Pod", "metadata:", "  name: p"]
        choose = self.random.choice
        # one odd key at most: of two that are no keys Go names either, at random
        for block, keys in (("labels", ("a", "b", *_YAML[:12])), ("annotations", ("a", "b"))):
            if self.random.random() < 0.5:
                lines += [f"  {block}:", f"    {choose(keys)}: {choose(_YAML)}"]
        lines += ["spec:", "  containers:", "  - name: c", "    image: img:1", "    securityContext:"]
        names = ("runAsUser", "runAsNonRoot", "privileged", "procMount", "capabilities", "runAsUser")
        for name in self.random.sample(names, 2):
            lines.append(f"      {name}: {choose(_YAML)}")
        lines.append(f"  hostname: {choose(_YAML)}")
        return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endpoint")
    parser.add_argument("--token", required=True)
    parser.add_argument("--namespace", default="oracle")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--yaml", action="store_true")
    asked = parser.parse_args()
    server = OracleServer(asked.endpoint, asked.token, asked.namespace)
    generator = Generator(asked.seed)
    different = 0
    codes: dict[int, int] = {}
    for _ in range(asked.count):
        kind = "Pod" if asked.yaml else generator.random.choice(_KINDS)
        body = generator.yaml() if asked.yaml else generator.body(kind, API_VERSIONS[kind])
        directive = generator.random.choice(("Strict", "Strict", "Warn", "Ignore"))
        media = "application/yaml" if asked.yaml else "application/json"
        code, said, warnings = server.create(
            body,
            kind=kind,
            api_version=API_VERSIONS[kind],
            content_type=media,
            field_validation=directive,
        )
        mine = accept(
            body, kind=kind, namespace=asked.namespace, content_type=media, field_validation=directive
        )
        codes[code] = codes.get(code, 0) + 1
        theirs = None if code == 201 else said.get("message")
        # validation has a fuzzer of its own: of a refusal for values only the verdict counts here
        if code in (403, 500):
            continue  # an admission plugin's answer, and those are not played
        same = mine.code == code and (code != 400 or mine.message == theirs)
        same = same and (code == 422 or list(mine.warnings) == warnings)
        if not same:
            different += 1
            if different <= 10:
                print(f"--- {directive}\n{body[:3000]}\n  server {code} {theirs} {warnings}")
                print(f"  mine   {mine.code} {mine.message} {list(mine.warnings)}")
    print(f"{different} of {asked.count} differ; {codes}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
