"""What each shell makes of words that it completes: its words come in as click wants them, and go out again.

An option and its value in one word (`--level=restricted:v1.34`), and commas in a value, are what click leaves
to the shells, each of which has its own idea of them. Imported only when a shell asks.
"""

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
)

__all__ = ["register_shells"]

_BREAKS = "=:"
"""What divides readline's words besides blanks. Source: bash(1), COMP_WORDBREAKS, as far as it matters."""


_FISH_PATHS = (
    'string replace -r "^" -- (string match -r "^--[^=]*=" -- (commandline -t); or echo "") ({} $metadata[2])'
)
"""Lists paths in fish, each with the option that is in the word."""


class _Bash(BashComplete):
    """Puts together what readline takes apart: `--level=restricted:v1.34` reaches click as one word.

    Readline replaces only what follows the last `=` or `:`, so completions begin there.
    """

    def get_completion_args(self) -> tuple[list[str], str]:
        """Give the words before the one to complete, and what is typed of that one."""
        words, last = super().get_completion_args()
        together: list[str] = []
        open_ = False
        for word in (*words, last):
            divides = bool(word) and not word.strip(_BREAKS)
            if together and (divides or open_):
                together[-1] += word
            else:
                together.append(word)
            open_ = divides
        return together[:-1], together[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Give the completions without what readline keeps."""
        items = super().get_completions(args, incomplete)
        typed = incomplete.partition("=")[2] if incomplete.startswith("--") else incomplete
        kept = typed[: max(typed.rfind(mark) for mark in _BREAKS) + 1]
        for item in items:
            item.value = item.value.removeprefix(kept)
        return items


class _Zsh(ZshComplete):
    """Completes `--level=rest` as one word, which zsh replaces whole."""

    source_template = ZshComplete.source_template.replace("_path_files", "compset -P '--*='; _path_files")

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Give the completions with the option that is in the word."""
        return _with_option(super().get_completions(args, incomplete), incomplete)


class _Fish(FishComplete):
    """Completes `--level=rest` as one word, which fish replaces whole, and values that have commas."""

    source_template = (
        FishComplete.source_template.replace('string split ","', 'string split -m 1 ","')
        .replace(
            "__fish_complete_directories $metadata[2]", _FISH_PATHS.format("__fish_complete_directories")
        )
        .replace("__fish_complete_path $metadata[2]", _FISH_PATHS.format("__fish_complete_path"))
    )

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Give the completions with the option that is in the word."""
        return _with_option(super().get_completions(args, incomplete), incomplete)


def _with_option(items: list[CompletionItem[str]], incomplete: str) -> list[CompletionItem[str]]:
    """Put the option before the values of a word that has both; a shell completes paths itself."""
    option, equals, _ = incomplete.partition("=")
    if option.startswith("--") and equals:
        for item in items:
            if item.type == "plain":
                item.value = f"{option}={item.value}"
    return items


def register_shells() -> None:
    """Let click use what is special here about a shell."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
