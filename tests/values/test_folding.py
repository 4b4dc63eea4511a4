"""What is the same to whoever searches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.folding import folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Façade", "facade"),
        ("Fac\u0327ade", "FAÇADE"),
        ("Straße", "STRASSE"),
        ("ΑΘΉΝΑ", "αθηνα"),
        ("ＡＢＣ", "abc"),
        ("IŞIK", "ışık"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "SMORREBROD"),
        ("Ærø", "aero"),
        ("Đorđe", "dorde"),
        ("Cœur", "coeur"),
        ("Þórður", "thordur"),
    ],
)
def test_spellings_of_a_word_meet(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("がく", "かく"), ("हिन्दी", "हन्द"), ("한국", "하국")])
def test_marks_that_make_another_word_count(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(max_size=30))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(*[st.text(st.characters(categories=["L", "N", "Zs"], max_codepoint=0x24F), max_size=10)] * 3)
def test_a_part_is_found_in_the_whole(before: str, part: str, after: str) -> None:
    assert folded(part.upper()) in folded(before + part + after)
