from hypothesis import given
from hypothesis import strategies as st

from shared.telemetry.privacy import MASKED, only_harmless, without_addresses

WORD = st.from_regex(r"[a-z0-9._+-]{1,20}", fullmatch=True)
NAME = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)


@given(before=st.text(max_size=20), local=WORD, domain=WORD, after=st.text(max_size=20))
def test_no_address_comes_through(before: str, local: str, domain: str, after: str) -> None:
    assert f"{local}@{domain}" not in without_addresses(f"{before} {local}@{domain} {after}")


@given(st.text(st.characters(exclude_characters="@+?"), max_size=2000).filter(lambda text: "input_value=" not in text))
def test_other_text_is_left_alone(text: str) -> None:
    assert without_addresses(text) == text


@given(st.text(max_size=100), st.dictionaries(NAME.map(lambda name: f"x_{name}"), st.text(min_size=1), max_size=3))
def test_text_comes_through_only_under_known_names(event: str, fields: dict[str, str]) -> None:
    line = only_harmless(None, "info", {"event": event, **fields})

    assert all(line[name] == MASKED for name in fields)
