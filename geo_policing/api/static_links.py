"""Links of pages that go into files: which they are, and what they become where the site will be."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

_ATTRIBUTE = re.compile(r'(\s)([a-zA-Z][\w:-]*)="([^"]*)"')
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_LINKED_DATA = re.compile(r'<script type="application/ld\+json">.*?</script>', re.DOTALL)
_CHARSET = '<meta charset="utf-8">'
# A frame's policy cannot be told in a page; `frame-ancestors` there is an error on the console.
_NOT_IN_A_PAGE = re.compile(r"\s*frame-ancestors [^;]*;?")
_PAGES = re.compile(r"[^./]*")


def file_of(path: str, mimetype: str) -> str:
    """The file in which the answer at `path` stands: a page at /beat/abbey is the file beat/abbey/index.html.

    >>> file_of("/", "text/html"), file_of("/pl/map", "text/html"), file_of("/embed.js", "text/javascript")
    ('index.html', 'pl/map/index.html', 'embed.js')
    """
    name = path.strip("/")
    if mimetype == "text/html" and _is_page(path):
        return f"{name}/index.html" if name else "index.html"
    return name


def served_at(link: str, base: str) -> str:
    """Where `link`, a path of ours, leads below `base`: a page with a slash at its end, as web servers want folders.

    >>> served_at("/beat/abbey#team", "/police/"), served_at("/embed.js", "/")
    ('/police/beat/abbey/#team', '/embed.js')
    """
    path, hash_, fragment = link.partition("#")
    slash = "/" if _is_page(path) and not path.endswith("/") else ""
    return base + path.removeprefix("/") + slash + hash_ + fragment


def links_in(page: str) -> Iterator[str]:
    """The paths of ours that a page names, each as it would be asked for, without what a script fills in."""
    for value in _values(page):
        path = value.partition("#")[0]
        if path and not re.search(r"[⟪{]", path):
            yield path


def prepared(page: str, policy: str, fitted: Callable[[str], str], public_url: str = "") -> str:
    """`page` with its links `fitted` and its security policy in itself, as a file has no headers.

    Links of ours that begin with `public_url` are fitted after it, in linked data too.
    """

    def fit(link: str) -> str:
        whole = bool(public_url) and link.startswith(f"{public_url}/")
        return public_url + fitted(link.removeprefix(public_url)) if whole else fitted(link)

    def in_tag(tag: re.Match[str]) -> str:
        return _ATTRIBUTE.sub(lambda found: _fitted_attribute(found, fit, public_url), tag[0])

    def in_linked_data(block: re.Match[str]) -> str:
        return re.sub(rf'"({re.escape(public_url)}/[^"]*)"', lambda found: f'"{fit(found[1])}"', block[0])

    told = _NOT_IN_A_PAGE.sub("", policy).strip().rstrip(";")
    meta = f'{_CHARSET}\n<meta http-equiv="Content-Security-Policy" content="{html.escape(told)}">'
    page = _TAG.sub(in_tag, page).replace(_CHARSET, meta, 1)
    return _LINKED_DATA.sub(in_linked_data, page) if public_url else page


def _is_page(path: str) -> bool:
    """True for a path whose last part has no ending, as those of files have."""
    return _PAGES.fullmatch(path.rpartition("/")[2]) is not None


def _values(page: str) -> Iterator[str]:
    for tag in _TAG.findall(page):
        for _, _, escaped in _ATTRIBUTE.findall(tag):
            value = html.unescape(escaped)
            if value.startswith("{"):
                yield from _paths_of_json(value)
            else:
                yield from filter(_is_ours, value.split(" ") if ", " in value else [value])


def _fitted_attribute(found: re.Match[str], fitted: Callable[[str], str], public_url: str) -> str:
    space, name, escaped = found.groups()
    value = html.unescape(escaped)
    if value.startswith("{") and name.startswith("data-"):
        content = json.dumps(_fitted_json(json.loads(value), fitted), ensure_ascii=False, separators=(",", ":"))
        return f'{space}{name}="{html.escape(content)}"'
    if _is_ours(value.removeprefix(public_url)):
        return f'{space}{name}="{html.escape(fitted(value))}"'
    return found[0]


def _is_ours(value: str) -> bool:
    return value.startswith("/") and not value.startswith("//") and " " not in value


def _paths_of_json(text: str) -> Iterator[str]:
    try:
        content = json.loads(text)
    except ValueError:
        return
    stack = [content]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            stack += each.values()
        elif isinstance(each, list):
            stack += each
        elif isinstance(each, str) and _is_ours(each):
            yield each


def _fitted_json(content: Any, fitted: Callable[[str], str]) -> Any:
    if isinstance(content, dict):
        return {name: _fitted_json(value, fitted) for name, value in content.items()}
    if isinstance(content, list):
        return [_fitted_json(value, fitted) for value in content]
    return fitted(content) if isinstance(content, str) and _is_ours(content) else content
