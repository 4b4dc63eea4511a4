"""When work pauses at a PSA that does not answer, and how it is found out that it is back."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.domain.circuit import Circuit, Pauses, admit, fail

PAUSES = Pauses(3, timedelta(seconds=10), timedelta(seconds=60), probe=timedelta(seconds=30))
NEW, NOW = Circuit("i-1", "harbour-it", 1), 1_800_000_000_000


def failing(times: int, circuit: Circuit = NEW, now: int = NOW) -> Circuit:
    for _ in range(times):
        circuit = fail(circuit, PAUSES, now)
    return circuit


def test_some_failures_in_a_row_begin_a_pause_and_fewer_do_not() -> None:
    assert not failing(2).open
    assert admit(failing(2), PAUSES, NOW)[1] == 0
    assert admit(failing(3), PAUSES, NOW)[1] == 10_000


def test_calls_that_were_under_way_when_it_began_do_not_make_it_longer() -> None:
    assert failing(9) == failing(3)


def test_after_the_pause_one_asks_and_the_others_wait_for_what_it_tells() -> None:
    probing, wait = admit(failing(3), PAUSES, NOW + 10_000)

    assert wait == 0
    assert admit(probing, PAUSES, NOW + 10_001)[1] == 29_999


def test_a_probe_that_told_nothing_is_followed_by_another() -> None:
    probing, _ = admit(failing(3), PAUSES, NOW + 10_000)

    assert admit(probing, PAUSES, NOW + 40_000)[1] == 0


def test_each_probe_in_vain_doubles_the_pause_up_to_the_longest() -> None:
    circuit, now, waits = failing(3), NOW, []
    for _ in range(6):
        _, wait = admit(circuit, PAUSES, now)
        now += wait
        circuit, _ = admit(circuit, PAUSES, now)
        circuit = fail(circuit, PAUSES, now)
        waits.append(wait)

    assert waits == [10_000, 20_000, 40_000, 60_000, 60_000, 60_000]


@given(st.lists(st.tuples(st.integers(0, 90_000), st.sampled_from(["admit", "fail"])), max_size=200))
def test_while_it_does_not_answer_it_is_asked_at_most_once_in_a_pause(steps: list[tuple[int, str]]) -> None:
    circuit, now, asked = failing(3), NOW, []
    for pause, what in steps:
        now += pause
        if what == "admit":
            circuit, wait = admit(circuit, PAUSES, now)
            asked += [now] if wait == 0 else []
        else:
            circuit = fail(circuit, PAUSES, now)

    assert all(later - earlier >= 10_000 for earlier, later in pairwise(asked))
