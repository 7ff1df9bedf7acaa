from __future__ import annotations

import copy
import pickle
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.wording import Translator, Wording, in_language, marked, sentences, worded, worded_plural

GERMAN = {
    "%(code)s is not in use.": "%(code)s gilt nicht mehr.",
    "Try %(what)s.": "Versuchen Sie %(what)s.",
    "a place": "einen Ort",
    "%(num)s beat": "%(num)s Revier",
    "%(num)s beats": "%(num)s Reviere",
    "since %(day)s": "seit %(day)s",
    "100%%": "voll",
}
TO_GERMAN = Translator(
    lambda text: GERMAN.get(text, text),
    lambda one, many, number: GERMAN[one if number == 1 else many],
    lambda value: f"{value:%d.%m.%Y}" if isinstance(value, date) else value,
)


def test_is_its_english_text_to_everyone_else():
    text = worded("%(code)s is not in use.", code="CB1 1JG")
    assert text == "CB1 1JG is not in use."
    assert f"{text}" == str(text) == "CB1 1JG is not in use."
    assert orjson.dumps({"message": text}) == b'{"message":"CB1 1JG is not in use."}'
    assert {text: 1}["CB1 1JG is not in use."] == 1


def test_is_said_in_another_language():
    assert in_language(worded("%(code)s is not in use.", code="A1"), TO_GERMAN) == "A1 gilt nicht mehr."


def test_values_are_translated_where_they_are_wordings():
    text = worded("Try %(what)s.", what=worded("a place"))
    assert text == "Try a place."
    assert in_language(text, TO_GERMAN) == "Versuchen Sie einen Ort."


def test_sentences_are_translated_one_by_one():
    text = sentences(worded("%(code)s is not in use.", code="A1"), "", worded("Try %(what)s.", what="Ely"))
    assert text == "A1 is not in use. Try Ely."
    assert in_language(text, TO_GERMAN) == "A1 gilt nicht mehr. Versuchen Sie Ely."


@pytest.mark.parametrize(("num", "english", "german"), [(1, "1 beat", "1 Revier"), (2, "2 beats", "2 Reviere")])
def test_a_number_chooses_the_form(num: int, english: str, german: str):
    text = worded_plural("%(num)s beat", "%(num)s beats", num)
    assert text == english
    assert in_language(text, TO_GERMAN) == german


def test_counts_and_days_are_written_by_the_language():
    assert worded("%(count)s", count=1_234_567) == "1,234,567"
    text = worded("since %(day)s", day=date(2026, 11, 2))
    assert text == "since 2 November 2026"
    assert in_language(text, TO_GERMAN) == "seit 02.11.2026"


def test_what_has_no_translation_stays_english():
    assert in_language(worded("Nobody %(did)s.", did="knows"), TO_GERMAN) == "Nobody knows."
    assert in_language("plain", TO_GERMAN) == "plain"
    assert in_language("", TO_GERMAN) == ""


def test_marked_texts_are_looked_up_as_they_are():
    assert in_language(marked("a place"), TO_GERMAN) == "einen Ort"


def test_percent_signs_stand_for_themselves():
    assert worded("100%%") == "100%"
    assert in_language(worded("100%%"), TO_GERMAN) == "voll"


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        worded("%(code)s is not in use.")


def test_an_error_keeps_the_wording():
    error = ValueError(worded("Try %(what)s.", what="Ely"))
    assert str(error) == "Try Ely."
    assert isinstance(error.args[0], Wording)


def test_copies_and_pickles_remember():
    text = worded("%(code)s is not in use.", code="A1")
    for again in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert in_language(again, TO_GERMAN) == "A1 gilt nicht mehr."


@given(st.text())
def test_no_value_is_read_as_a_pattern(value: str):
    text = worded("Try %(what)s.", what=value)
    assert text == f"Try {value}."
    assert in_language(text, TO_GERMAN) == f"Versuchen Sie {value}."
    assert in_language(sentences(text, text), TO_GERMAN) == f"Versuchen Sie {value}. Versuchen Sie {value}."
