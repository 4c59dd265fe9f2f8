"""An option means one thing: wherever it is, it has the same short name, value, default and description."""

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click
import pytest

from podproof.commands.main import VERBS

DIFFERENT = {
    "--baseline": "the accepted findings that check uses, and that are pruned",
    "--format": "each verb has its own formats; text comes first and json is JSON everywhere",
    "--namespace": "where manifests go, where pods are explained, where kept pods are looked for",
    "--output": "images build has to be told where the archive goes",
    "--image": "of the container that kubectl debug adds, or of the webhook",
    "--replicas": "of each workload that is run, or of the webhook",
    "--platform": "which platform of an archive, and which platform files are for",
    "--service-account": "also who sends, where requests are sent",
    "--namespace-labels": "of requests' namespaces, and of a namespace that is made up",
    "--raw": "of all containers of a run, or of the one that is looked at",
    "--target": "with --debug-profile, or with --debug",
    "--kubernetes-version": "serve lies in no project, so that no podproof.toml names it",
    "--cluster": "whose answer is asked for or given, or as whom pods are stored",
    "--user": "who sends requests; for images build, USER of the image",
    "--select": "which checks are reported, or whose findings are mended",
    "--ignore": "which checks are not reported, or whose findings are left as they are",
    "--timeout": "of the whole run, or of each run that fix makes",
    "--write": "writes the configuration, or the changed manifests",
    "--config": "the project's configuration; of serve, which lies in no project, what is in force",
    "--container": "what is shown of many, or the one that is looked at",
}
"""Options whose description, default or value differs between verbs, and why that is no other meaning."""

WANTED = {
    "--config": {"check", "fix", "explain", "admit"},
    "--kubernetes-version": {"check", "fix", "explain", "admit"},
    "--feature-gates": {"check", "fix", "explain", "admit"},
    "--verbose": {"check", "fix", "explain", "admit"},
    "--format": {"check", "explain", "admit", "run", "prove", "doctor"},
    "--output": {"check", "explain", "admit", "run", "prove", "doctor", "images lock", "images build"},
    "--color": {"check", "fix", "run"},
    "--runtime-endpoint": {"run", "prove", "doctor"},
    "--namespace": {"admit", "explain", "ps", "logs", "exec", "describe", "stop"},
    "--container": {"explain", "logs", "exec"},
}
"""Options that somebody who knows them from one verb looks for in these."""

SHORT = {
    "-o": "--output",
    "-q": "--quiet",
    "-v": "--verbose",
    "-n": "--namespace",
    "-c": "--container",
    "-f": "--follow",
    "-p": "--previous",
    "-i": "--stdin",
    "-t": "--tty",
    "-h": "--help",
}
"""Every short name; a letter never means two options."""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every verb, and the verbs below it, by what a person types."""
    for name in VERBS:
        command = import_module(f"podproof.commands.{name}").command
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", verb) for below, verb in command.commands.items())
        else:
            yield name, command


OPTIONS: dict[str, dict[str, click.Option]] = defaultdict(dict)
"""Long name to verb to option."""
for verb, command in commands():
    for option in command.params:
        if isinstance(option, click.Option):
            OPTIONS[max(option.opts, key=len)][verb] = option


def shape(option: click.Option) -> dict[str, Any]:
    """What must not differ under any description: how it is written."""
    return {"names": sorted(option.opts), "flag": option.is_flag, "many": option.multiple}


def meaning(option: click.Option) -> dict[str, Any]:
    """What a person reads of it."""
    told = option.to_info_dict()
    return {"help": told["help"], "metavar": option.metavar, "default": told["default"], "type": told["type"]}


_ONE_OR_SEVERAL = {"--format", "--replicas"}
"""Options that some verbs take once for each of several things, and others for the one that there is."""


@pytest.mark.parametrize("name", sorted(set(OPTIONS) - _ONE_OR_SEVERAL))
def test_an_option_is_written_in_one_way(name: str) -> None:
    assert len({str(shape(option)) for option in OPTIONS[name].values()}) == 1


@pytest.mark.parametrize("name", sorted(set(OPTIONS) - set(DIFFERENT)))
def test_an_option_says_one_thing(name: str) -> None:
    assert len({str(meaning(option)) for option in OPTIONS[name].values()}) == 1, OPTIONS[name].keys()


def test_what_differs_does_differ() -> None:
    same = {
        name for name in DIFFERENT if len({str(meaning(option)) for option in OPTIONS[name].values()}) < 2
    }
    assert same == set()


@pytest.mark.parametrize("name", WANTED)
def test_verbs_have_what_is_looked_for(name: str) -> None:
    assert set(OPTIONS[name]) >= WANTED[name]


def test_a_letter_means_one_option() -> None:
    for name, verbs in OPTIONS.items():
        for option in verbs.values():
            for short in option.opts:
                assert short == name or SHORT[short] == name


def test_formats_begin_with_text() -> None:
    for option in OPTIONS["--format"].values():
        assert option.default == "text" or re.search(r"\[default: text[];]", str(option.help))


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_options_are_described(name: str) -> None:
    for option in OPTIONS[name].values():
        assert option.help or isinstance(option.type, click.Choice) or option.show_default
