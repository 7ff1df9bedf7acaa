"""Translations as they lie in the repository: one file of the PO form a language, read once when a worker starts.

Nothing is compiled ahead: a file that is made from another can fall behind it, and reading one takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import orjson
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SCRIPT_SUFFIX = ".js"


@dataclass(frozen=True)
class Catalogue:
    """The translations into one language."""

    code: str
    entries: Catalog

    def translations(self) -> Translations:
        """As gettext wants them; what is not translated, or marked as fuzzy, stays English."""
        compiled = BytesIO()
        write_mo(compiled, self.entries)
        compiled.seek(0)
        return Translations(compiled)

    def script(self) -> bytes:
        """The module that gives the pages' scripts the translations of their own messages."""
        messages = {_key(entry): _text(entry) for entry in self.entries if _is_said_by_scripts(entry)}
        told = orjson.dumps({"language": self.code, "messages": messages}, option=orjson.OPT_SORT_KEYS)
        return b'import { speak } from "./language.js";\nspeak(' + told + b");\n"


def load_catalogues(web: Path) -> tuple[Catalogue, ...]:
    """The catalogues below `web/translations`, by code; none where the folder is not there."""
    paths = sorted((web / "translations").glob("*/LC_MESSAGES/messages.po"))
    return tuple(_load(path, path.parent.parent.name) for path in paths)


def catalogue_script(code: str) -> str:
    """The name of the static file that `Catalogue.script` of the language `code` is served as."""
    return f"js/catalogue_{code}.js"


def _load(path: Path, code: str) -> Catalogue:
    with path.open("rb") as file:
        return Catalogue(code, read_po(file, locale=code))


def _is_said_by_scripts(entry: Message) -> bool:
    translated = bool(entry.id) and bool(entry.string) and not entry.fuzzy
    return translated and any(file.endswith(SCRIPT_SUFFIX) for file, _ in entry.locations)


def _key(entry: Message) -> str:
    """What the script asks by: of a plural the form for one."""
    return entry.id if isinstance(entry.id, str) else entry.id[0]


def _text(entry: Message) -> str | list[str]:
    return entry.string if isinstance(entry.string, str) else list(entry.string or ())
