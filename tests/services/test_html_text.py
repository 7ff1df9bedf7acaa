from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.services.html_text import paragraphs, plain


class Reader(HTMLParser):
    """What a browser would make of a piece of HTML: tags, and the text of each paragraph."""

    def __init__(self, piece: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[object] = []
        self.text = ""
        self.feed(piece)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self.text += "\n"

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), None),
        (("",), None),
        ((" \n\n \x00",), None),
        (("One.",), "<p>One.</p>"),
        (("One.", "", "Two."), "<p>One.</p><p>Two.</p>"),
        (("One\ntwo\r\nthree\rfour",), "<p>One<br>two<br>three<br>four</p>"),
        (("One.\n \nTwo.",), "<p>One.</p><p>Two.</p>"),
        (("<script>x</script>",), "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        (('A & B\'s "C"',), "<p>A &amp; B&#x27;s &quot;C&quot;</p>"),
        (("&lt;b&gt;",), "<p>&amp;lt;b&amp;gt;</p>"),
        (("a\x00b\x1fc\x7fd\ud800e",), "<p>abcde</p>"),
    ],
)
def test_is_made_of_escaped_paragraphs(texts: tuple[str, ...], expected: str | None):
    assert paragraphs(*texts) == expected


@given(st.text())
def test_nothing_typed_becomes_a_tag_and_no_word_is_lost(text: str):
    made = Reader(paragraphs(text) or "")
    assert made.tags <= {"p", "br"}
    assert not made.attributes
    assert made.text.split() == plain(text).split()
