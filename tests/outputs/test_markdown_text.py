"""Text of manifests in Markdown: GitHub's own parser makes nothing of it but text."""

import re
from html import unescape

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from podproof.outputs.markdown_text import escaped

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "https://evil.example/a?b=c",
    "FTP://evil.example",
    "www.evil.example",
    "WWW.evil.example",
    "[text](https://evil.example)",
    "![text](//evil.example/x.png)",
    "`code` **bold** _it_ ~~gone~~ a|b \\",
    "&lt;b&gt; &amp; &#64;all",
    "@octocat and @org/team",
    "see #12 and owner/name#34",
    "two\nlines\r# heading",
)


@pytest.mark.parametrize("frame", ["{}", "# {}", "- {}", "> {}", "| a |\n|---|\n| {} |"])
@pytest.mark.parametrize("text", HOSTILE)
def test_it_stays_text(text: str, frame: str) -> None:
    html = cmarkgfm.github_flavored_markdown_to_html(frame.format(escaped(text)), Options.CMARK_OPT_UNSAFE)
    tags = set(re.findall(r"</?([a-z0-9]+)", html))
    assert tags <= {"p", "h1", "ul", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
    shown = unescape(re.sub(r"<[^>]*>", "", html))
    assert not re.search(r"@\w|#\d", shown)
    as_text = text.replace("\n", "␊").replace("\r", "␍")
    assert as_text in shown.replace("\u200b", "")
