"""Up to when everything was seen, and when to look next: the rules of polling."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.domain.mirror import Mirror, Trouble
from psa_sync_svc.domain.watch import (
    Pace,
    Polled,
    Watch,
    hint,
    look,
    newest_of,
    nobody_linked,
    polled,
    rest,
    safe_watermark,
    start,
    try_again,
    wants_whole,
)

NOW = "2026-11-24T12:00:00.000000Z"
PACE = Pace(timedelta(seconds=60), timedelta(seconds=900), timedelta(seconds=5))
FRESH = Watch("i-1", "p-1")
WATCHED = Watch("i-1", "p-1", watching=True, linked=True, connection=1, watermark=NOW, wanted=1, served=1, pause_s=60)
TROUBLE = Trouble("UNAVAILABLE", "the PSA is away", NOW)


def after(**span: float) -> str:
    return (datetime.fromisoformat(NOW) + timedelta(**span)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seen(**more: object) -> Polled:
    polled = Polled(wish=1, connection=1, began_at=NOW, watermark=NOW, changed=False, linked=True)
    return replace(polled, **more)  # type: ignore[arg-type]  # the fields of the test


def test_a_first_link_is_looked_at_at_once_and_a_second_changes_nothing() -> None:
    first = start(None, FRESH).state
    known = polled(first, seen(wish=first.wanted), PACE, now=NOW).state

    assert (first.watching, first.due_at, first.wanted) == (True, None, 1)
    assert start(known, FRESH).state is known


def test_a_new_connection_is_looked_at_at_once_and_one_that_is_polled_already_is_not() -> None:
    assert look(WATCHED, FRESH, 1).state is WATCHED
    assert look(replace(WATCHED, due_at=after(hours=1)), FRESH, 2).state.due_at is None


def test_pauses_grow_while_it_is_quiet_and_are_short_again_after_a_change() -> None:
    watch, pauses = replace(WATCHED, pause_s=0.0), []
    for changed in (False, False, False, False, False, False, True, False):
        watch = polled(watch, seen(changed=changed), PACE, now=NOW).state
        pauses.append(watch.pause_s)
        assert watch.due_at == after(seconds=watch.pause_s)

    assert pauses == [60, 120, 240, 480, 900, 900, 60, 120]


def test_polls_that_take_long_are_a_fifth_of_the_time_at_the_most_whoever_asks() -> None:
    slow = polled(WATCHED, seen(changed=True, took_s=300.0), PACE, now=NOW).state

    assert slow.due_at == after(seconds=1_200)
    assert slow.pause_s == 60
    assert hint(slow, FRESH, PACE).state.due_at == after(seconds=1_200)


def test_the_watermark_never_goes_back_under_one_connection_and_begins_anew_under_another() -> None:
    earlier = after(hours=-1)

    same = polled(WATCHED, seen(watermark=earlier), PACE, now=NOW).state
    other = polled(WATCHED, seen(watermark=earlier, connection=2), PACE, now=NOW).state

    assert (same.watermark, other.watermark) == (NOW, earlier)
    assert WATCHED.seen_until(2) is None


def test_what_was_asked_for_while_a_poll_went_on_is_looked_at_soon_after_it() -> None:
    asked = hint(WATCHED, FRESH, PACE).state

    done = polled(asked, seen(wish=1), PACE, now=NOW).state

    assert (done.hinted, done.due_at) == (True, after(seconds=5))
    assert polled(done, seen(wish=2), PACE, now=NOW).state.hinted is False


def test_a_storm_of_webhooks_is_one_poll_every_so_often() -> None:
    watch = replace(WATCHED, polled_at=NOW, due_at=after(minutes=10))
    for _ in range(1_000):
        watch = hint(watch, FRESH, PACE).state

    assert watch.due_at == after(seconds=5)


def test_a_webhook_does_not_shorten_the_pause_that_a_psa_asked_for() -> None:
    waiting = try_again(WATCHED, 1, TROUBLE, at=after(hours=1)).state

    assert hint(waiting, FRESH, PACE).state.due_at == after(hours=1)


def test_trouble_and_rest_of_an_older_look_leave_a_later_one_alone() -> None:
    asked = look(WATCHED, FRESH, 2).state

    for found in (try_again(asked, 1, TROUBLE, at=NOW), rest(asked, 1, TROUBLE), nobody_linked(asked, 1, at=NOW)):
        assert found.state is asked


def test_before_it_rests_it_says_that_nobody_is_linked_so_that_whoever_is_linked_then_is_heard() -> None:
    said = nobody_linked(WATCHED, 1, at=after(minutes=1)).state
    linked_then = start(said, FRESH).state

    assert (said.watching, said.linked) == (True, False)
    assert nobody_linked(linked_then, 1, at=NOW).state is linked_then
    assert nobody_linked(said, 1, at=NOW).state.watching is False


@given(st.integers(-600, 600), st.integers(0, 7_200), st.integers(0, 7_200))
def test_a_watermark_is_never_later_than_the_psas_time_at_the_beginning(skew: int, took: int, age: int) -> None:
    """Whatever the two clocks differ by: the newest stamp is somewhere before the reading's end over there."""
    began_there = datetime.fromisoformat(NOW) + timedelta(seconds=skew)
    newest = (began_there + timedelta(seconds=took - min(age, took))).isoformat()

    watermark = safe_watermark(newest, began_at=NOW, took=timedelta(seconds=took))

    assert datetime.fromisoformat(watermark) <= began_there


def test_a_psa_without_a_single_stamp_is_asked_from_a_day_before_on() -> None:
    assert safe_watermark(None, began_at=NOW, took=timedelta(seconds=3)) == after(days=-1)


def test_a_stamp_of_another_century_says_nothing_of_the_time_there() -> None:
    assert newest_of(["2099-01-01T00:00:00Z", None, "2026-11-24T11:59:59Z"], now=NOW) == after(seconds=-1)
    assert newest_of(["2099-01-01T00:00:00Z", None], now=NOW) is None


@pytest.mark.parametrize(
    ("mirror", "wanted"),
    [
        (Mirror("i-1", "p-1"), True),
        (Mirror("i-1", "p-1", mirrored_at=after(hours=-25)), True),
        (Mirror("i-1", "p-1", mirrored_at=after(hours=-23)), False),
        (Mirror("i-1", "p-1", wanted=1, mirrored_at=after(hours=-25)), False),
        (Mirror("i-1", "p-1", trouble=Trouble("INVALID", "", after(minutes=-50))), False),
        (Mirror("i-1", "p-1", trouble=Trouble("INVALID", "", after(minutes=-70))), True),
    ],
)
def test_a_whole_list_is_wanted_once_a_day_and_after_trouble_not_at_once(mirror: Mirror, wanted: bool) -> None:
    assert wants_whole(mirror, now=NOW, every=timedelta(days=1)) is wanted
