"""What a `Psa` promises to a person who looks for an account by a part of its name or its reference."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

Open = Any
Provider = Any
Simulator = Any
Named = Callable[[str], str]


@pytest.fixture
def named(provider: Provider, simulator: Simulator) -> Iterator[Named]:
    """Makes an account of that name."""
    made: list[str] = []

    def make(name: str) -> str:
        more = provider.numbered(len(made))
        row = simulator.asks("POST", "/companies", {**provider.new, **more, **provider.fields(name=name)})
        made.append(str(row["id"]))
        return made[-1]

    yield make
    for account_id in made:
        simulator.asks("DELETE", f"/companies/{account_id}")


async def found(psa: Any, text: str, limit: int = 10) -> set[str]:
    return {account.account_id for account in await psa.search(text, limit)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Highfield Bakery", "field bak"),
        ("Highfield Bakery", "HIGHFIELD"),
        ("Ærø Zeilmakerij", "ærø zeil"),
        ("さくら造園", "造園"),
        ("Pain 🥐 Levain", "🥐 Lev"),
        ("O'Brien & Sons", "O'Brien &"),
        ('The "Old" Mill', '"Old" Mill'),
        ('Say "O\'Hara"', '"O\'Hara"'),
        ("A\\B (Holding) [NL]", "(Holding) [NL]"),
        ("100% Zout", "100%"),
        ("and or not null", "or not null"),
        ("  spaced   out", "spaced"),
    ],
)
async def test_an_account_is_found_by_a_part_of_its_name(opened: Open, named: Named, name: str, text: str) -> None:
    wanted, other = named(name), named("Somebody Else")

    ids = await found(opened(), text)

    assert wanted in ids
    assert other not in ids


async def test_an_account_is_found_by_its_reference(opened: Open, provider: Provider) -> None:
    assert provider.known in await found(opened(), "NW-1000")


async def test_what_is_found_is_whole(opened: Open, provider: Provider) -> None:
    psa = opened()

    [account] = [each for each in await psa.search("Kade & Sluis", 500) if each.account_id == provider.known]

    assert account == await psa.account(provider.known)


async def test_no_more_are_found_than_were_asked_for_and_by_few_calls(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    psa = opened()
    await psa.search("Bakery", 7)
    simulator.asks("DELETE", "/calls")

    accounts = await psa.search("Bakery", 7)

    assert len(accounts) == 7
    assert len(simulator.calls()) == 1 + 7 * provider.calls_for_each


async def test_what_there_is_not_is_not_found(opened: Open) -> None:
    assert await found(opened(), "nobody has this name") == set()


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
async def test_no_text_is_no_call(opened: Open, simulator: Simulator, text: str) -> None:
    assert await found(opened(), text) == set()
    assert simulator.calls() == []


@pytest.mark.parametrize(
    "text",
    [
        '" or id>0 or name contains "',
        "' or id>0 or name contains '",
        '") or (id>0',
        "x' or '1'='1",
        '"}]},{"op":"gte","field":"id","value":0',
        '\\" or id>0 or name=\\"',
        "*%_?",
    ],
)
async def test_what_is_looked_for_is_never_taken_for_more_than_a_text(opened: Open, text: str) -> None:
    assert await found(opened(), text) == set()


@pytest.mark.parametrize("text", ["x" * 5_000, "🥐" * 5_000, "half \ud83e of a letter", '"', "\\"])
async def test_any_text_can_be_looked_for(opened: Open, text: str) -> None:
    assert await found(opened(), text) == set()
