"""`python -m scripts.translating`: see `scripts/translate --help`."""

from __future__ import annotations

import argparse
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from scripts.translating.extract import ROOT, gathered

CATALOGUES = ROOT / "web" / "translations"
# Lines of a catalogue's head that say when and by whom, which the repository's history knows better.
CHANGING = tuple(
    f'"{name}:'
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By",
                 "Report-Msgid-Bugs-To")
)  # fmt: skip
HEADER = "# {name} translations of geo_policing; see CONTRIBUTING.md for how to work on them."


def main(arguments: list[str] | None = None) -> int:
    """Bring every catalogue up to date; 1 where one lacks a translation afterwards, so that a script can tell."""
    parser = argparse.ArgumentParser(
        prog="scripts/translate",
        description="Bring the catalogues in web/translations up to date with what templates, code and scripts say: "
        "new texts are added without a translation, those that are gone are dropped. Then list what is untranslated.",
    )
    parser.add_argument("--check", action="store_true", help="change nothing; only say what is missing or left over")
    parser.add_argument("--new", metavar="LANGUAGE", help="begin the catalogue of another language, such as lt")
    options = parser.parse_args(arguments)
    texts = gathered()
    if options.new:
        _begin(options.new)
    complete = True
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        catalogue = load(path)
        missing, left_over = differences(catalogue, texts)
        if not options.check:
            save(path, updated(catalogue, texts))
        complete &= not missing and not (left_over and options.check)
        code = path.parent.parent.name
        print(f"{code}: {len(texts)} texts, {len(missing)} to translate, {len(left_over)} no longer used")
        for text in missing:
            print(f"  to translate: {text!r}")
    return 0 if complete else 1


def load(path: Path) -> Catalog:
    """The catalogue in the file `path`, of the language that its folder names."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def save(path: Path, catalogue: Catalog) -> None:
    """Write `catalogue` so that the same content gives the same bytes."""
    written = BytesIO()
    write_po(written, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(CHANGING)), encoding="utf-8")


def differences(catalogue: Catalog, texts: Catalog) -> tuple[list[str], list[str]]:
    """The texts without a finished translation in `catalogue`, and those that it has for nothing."""
    missing = []
    for text in texts:
        found = catalogue.get(text.id, text.context) if text.id else None
        done = (
            found is not None
            and not found.fuzzy
            and found.string
            and (isinstance(found.string, str) or all(found.string))
        )
        if text.id and not done:
            missing.append(_first(text.id))
    left_over = [_first(entry.id) for entry in catalogue if entry.id and texts.get(entry.id, entry.context) is None]
    return missing, left_over


def updated(catalogue: Catalog, texts: Catalog) -> Catalog:
    """`texts` with the translations that `catalogue` has for them; none is guessed from a text that looks alike."""
    fresh = Catalog(locale=catalogue.locale, project="geo-policing", fuzzy=False)
    fresh.header_comment = HEADER.format(name=catalogue.locale.english_name if catalogue.locale else "")
    for text in texts:
        if not text.id:
            continue
        found = catalogue.get(text.id, text.context)
        fresh.add(
            text.id,
            found.string if found is not None else None,
            locations=sorted(set(text.locations)),
            flags=found.flags if found is not None else (),
            auto_comments=text.auto_comments,
            user_comments=found.user_comments if found is not None else (),
            context=text.context,
        )
    return fresh


def _is_done(entry: Message | None) -> bool:
    if entry is None or entry.fuzzy or not entry.string:
        return False
    return isinstance(entry.string, str) or all(entry.string)


def _begin(code: str) -> None:
    path = CATALOGUES / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        path.parent.mkdir(parents=True)
        save(path, Catalog(locale=code, fuzzy=False))


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


if __name__ == "__main__":
    sys.exit(main())
