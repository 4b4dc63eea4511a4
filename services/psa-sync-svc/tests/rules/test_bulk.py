"""What a bulk import counts, and when it is over: each stretch and each end once, whatever is done twice."""

from dataclasses import replace

import pytest

from psa_sync_svc.domain.bulk import (
    BulkImport,
    BulkStatus,
    Counts,
    Selection,
    Stretch,
    Tally,
    begin,
    cancel,
    count,
    go_through,
)
from psa_sync_svc.domain.importing import Origin
from psa_sync_svc.domain.likeness import KnownCustomer, know, name_key, phone_key

BULK = BulkImport("b", "harbour-it", "i", Selection(), Origin("m", "user:ann", "c"), expected=5)
FIRST = Stretch("", "3", last=False, found=3, linked_already=1, skipped=1)
LAST = Stretch("3", "5", last=True, found=2, linked_already=0, skipped=0)


def at(second: int) -> str:
    return f"2026-07-01T00:00:{second:02}Z"


def test_a_stretch_that_is_gone_through_again_counts_once() -> None:
    once = go_through(BULK, FIRST).state

    assert go_through(once, FIRST).state is once
    assert (once.cursor, once.status, once.counts) == (
        "3",
        BulkStatus.RUNNING,
        Counts(found=3, linked_already=1, skipped=1),
    )


def test_a_request_that_comes_again_finds_what_there_is() -> None:
    running = go_through(BULK, FIRST).state

    assert begin(None, BULK).state is BULK
    assert begin(running, BULK).state is running


def test_it_is_over_when_all_was_gone_through_and_nothing_is_open_and_says_so_once() -> None:
    walked = go_through(go_through(BULK, FIRST).state, LAST).state

    still_open = count(walked, Tally(3, 1, 1, complete=True), at=at(1)).state
    over = count(still_open, Tally(3, 2, 1, complete=True), at=at(2))

    assert (still_open.due, still_open.status) == (True, BulkStatus.RUNNING)
    assert (over.state.due, over.state.status, len(over.facts)) == (False, BulkStatus.DONE, 1)
    assert count(over.state, Tally(3, 3, 1, complete=True), at=at(9)).state is over.state


def test_what_was_counted_while_more_was_being_asked_for_does_not_end_it() -> None:
    found = count(go_through(BULK, FIRST).state, Tally(1, 1, 0, complete=False), at=at(1)).state

    assert (found.due, found.counts.open) == (True, 0)


def test_progress_is_told_at_most_every_three_seconds_and_only_where_there_is_some() -> None:
    bulk, told = go_through(BULK, FIRST).state, []
    for second, imported in ((0, 0), (1, 1), (2, 2), (4, 2), (5, 2), (9, 2), (10, 3)):
        decision = count(bulk, Tally(9, imported, 0, complete=False), at=at(second))
        bulk = decision.state
        if decision.facts:
            told.append((second, bulk.counts.imported))

    assert told == [(0, 0), (4, 2), (10, 3)]


def test_a_count_that_says_nothing_new_writes_nothing() -> None:
    bulk = count(go_through(BULK, FIRST).state, Tally(1, 0, 0, complete=False), at=at(0)).state

    assert count(bulk, Tally(1, 0, 0, complete=False), at=at(30)).state is bulk


def test_a_cancelled_one_asks_nothing_more_and_is_over_once_nothing_is_open() -> None:
    cancelled = cancel(go_through(BULK, FIRST).state, reason="by user:ann").state

    assert (cancelled.walking, cancelled.due) == (False, True)
    assert go_through(cancelled, LAST).state is cancelled
    assert cancel(cancelled, reason="by user:bob").state is cancelled
    over = count(cancelled, Tally(1, 1, 0, complete=True), at=at(1)).state
    assert (over.status, over.due, over.reason) == (BulkStatus.CANCELLED, False, "by user:ann")


def test_one_that_is_over_cannot_be_cancelled() -> None:
    over = replace(BULK, status=BulkStatus.DONE, over_at=at(0))

    assert cancel(over, reason="by user:ann").state is over


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wattle & Tide Pty. Ltd.", "WATTLE  TIDE"),
        ("Façade-Bau GmbH", "facade bau"),
        ("O'Brien's B.V.", "OBriens bv"),
        ("Ærø Rederi", "Aero Rederi, Inc."),
    ],
)
def test_names_that_people_take_for_one_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_a_name_that_is_nothing_but_a_legal_form_is_kept_and_one_without_letters_is_like_none() -> None:
    assert name_key("Limited") == "limited"
    assert name_key("Wattle North") != name_key("Wattle South")
    assert name_key("---") is None


def test_a_number_is_compared_as_it_is_dialled_and_what_is_none_is_like_none() -> None:
    assert phone_key("(08) 9555 0142", "AU") == phone_key("+61 8 9555 0142", None) == "+61895550142"
    assert phone_key("reception", "AU") is None
    assert phone_key(None, "AU") is None


def test_of_a_customer_the_newest_version_counts() -> None:
    newer = KnownCustomer("c", "harbour-it", 2, "tide", None)

    assert know(newer, KnownCustomer("c", "harbour-it", 1, "wattle", None)).state is newer
    assert know(None, newer).state is newer
