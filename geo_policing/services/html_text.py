"""Plain text as a piece of HTML: for fields that clients put into a page as they come."""

from __future__ import annotations

import html
import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_PARAGRAPHS = re.compile(r"\n\s*\n")


def paragraphs(*texts: str) -> str | None:
    """Each text as one or more HTML paragraphs, None where all are empty.

    The texts are plain: whatever looks like HTML in them is shown as it was typed, never acted on. Blank lines part
    paragraphs, single line breaks become <br>; characters that HTML does not allow are left out.

    >>> paragraphs("Speeding & parking", "", "By <b>June</b>")
    '<p>Speeding &amp; parking</p><p>By &lt;b&gt;June&lt;/b&gt;</p>'
    """
    pieces = [piece.strip() for text in texts for piece in _PARAGRAPHS.split(plain(text))]
    made = "".join(f"<p>{_lines(piece)}</p>" for piece in pieces if piece)
    return made or None


def plain(text: str) -> str:
    """`text` with line breaks as single newlines, without characters that no text holds."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _lines(piece: str) -> str:
    return "<br>".join(html.escape(line.strip(), quote=True) for line in piece.split("\n"))
