"""Every text has a translation, and each says the same as its English: same values, same markup, same end."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from geo_policing.api.languages import ENGLISH, LANGUAGES
from scripts.translating.__main__ import CATALOGUES, differences, load, main, save, updated
from scripts.translating.extract import gathered

PATHS = sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po"))
VALUE = re.compile(r"%\((\w+)\)[sd]|%%")
TAG = re.compile(r"<[^>]+>")


def code_of(path: Path) -> str:
    return path.parent.parent.name


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return gathered()


def forms_of(entry: Message) -> list[tuple[str, str]]:
    """Each translated form with the English it stands for; of a plural's, that for many."""
    if isinstance(entry.id, str):
        return [(entry.id, str(entry.string))]
    return [(entry.id[1], form) for form in entry.string or ()]


def all_forms() -> list[tuple[str, str]]:
    """What is translated; that all is, another test sees to."""
    return [pair for path in PATHS for entry in load(path) if entry.id and _done(entry) for pair in forms_of(entry)]


def _done(entry: Message) -> bool:
    return bool(entry.string) and (isinstance(entry.string, str) or all(entry.string))


def test_each_language_but_english_has_a_catalogue():
    assert {code_of(path) for path in PATHS} == {language.code for language in LANGUAGES} - {ENGLISH.code}


@pytest.mark.parametrize("path", PATHS, ids=code_of)
def test_nothing_is_untranslated_and_nothing_left_over(path: Path, texts: Catalog):
    assert differences(load(path), texts) == ([], []), "run scripts/translate, then translate what it lists"


@pytest.mark.parametrize("path", PATHS, ids=code_of)
def test_the_file_is_as_scripts_translate_writes_it(path: Path, texts: Catalog, tmp_path: Path):
    save(tmp_path / "messages.po", updated(load(path), texts))
    assert (tmp_path / "messages.po").read_text() == path.read_text()


@pytest.mark.parametrize("path", PATHS, ids=code_of)
def test_a_plural_has_every_form_of_its_language(path: Path):
    catalogue = load(path)
    for entry in catalogue:
        if entry.id and not isinstance(entry.id, str):
            assert len(entry.string) == catalogue.num_plurals, entry.id


def test_translations_have_the_values_of_their_english():
    for english, translation in all_forms():
        assert Counter(VALUE.findall(english)).keys() == Counter(VALUE.findall(translation)).keys(), translation
        assert "%" not in VALUE.sub("", translation) or "%" in VALUE.sub("", english), translation


def test_translations_have_the_markup_of_their_english():
    for english, translation in all_forms():
        assert Counter(TAG.findall(english)) == Counter(TAG.findall(translation)), translation


def test_translations_end_as_their_english_does():
    """A sentence that lost its full stop, or a label that won one, was cut or run together."""
    for english, translation in all_forms():
        plain, other = TAG.sub("", english), TAG.sub("", translation)
        ends = [text[-1:] if text[-1:] in ".:?!,;" else "" for text in (plain, other)]
        assert ends[0] == ends[1], translation
        assert (plain != plain.strip()) == (other != other.strip()), translation


class TestCommand:
    def test_a_check_changes_nothing_and_says_that_all_is_done(self, capsys: pytest.CaptureFixture[str]):
        before = [path.read_bytes() for path in PATHS]
        assert main(["--check"]) == 0
        assert [path.read_bytes() for path in PATHS] == before
        assert "0 to translate, 0 no longer used" in capsys.readouterr().out

    def test_another_language_begins_empty(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("scripts.translating.__main__.CATALOGUES", tmp_path)
        assert main(["--new", "lt"]) == 1
        begun = load(tmp_path / "lt/LC_MESSAGES/messages.po")
        assert len(begun) == len(gathered())
        assert begun.num_plurals == 3
        assert not any(entry.string and any(entry.string) for entry in begun if entry.id)

    def test_what_is_gone_is_dropped_and_what_is_new_comes_untranslated(self):
        old, new = Catalog(locale="pl"), Catalog()
        old.add("Beats", "Rejony")
        old.add("Gone", "Nie ma")
        new.add("Beats")
        new.add("Map")
        assert differences(old, new) == (["Map"], ["Gone"])
        result = updated(old, new)
        assert {entry.id: entry.string for entry in result if entry.id} == {"Beats": "Rejony", "Map": None}

    def test_a_guess_is_no_translation(self):
        old, new = Catalog(locale="pl"), Catalog()
        old.add("Beats", "Rejony", flags=["fuzzy"])
        new.add("Beats")
        assert differences(old, new) == (["Beats"], [])
