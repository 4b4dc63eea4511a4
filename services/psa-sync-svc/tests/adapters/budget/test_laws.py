"""Whatever instances do, with clocks that are apart, and however they end: no window sees more than its limit, and no
endpoint more at a time."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from psa_sync_svc.domain.allowance import Allowance, Terms, Window, count, free_at, give_back, hear, take
from psa_sync_svc.domain.turns import WAITS_MS, Turn, Turns, give_turns_back, lend, prolong

INSTANCES = 4
CLOCKS_S, REQUEST_S = 4.0, 3.0
TERMS = Terms(
    (Window(20, 60.0), Window(8, 10.0)),
    threads=3,
    background=0.5,
    interactive=1.0,
    request_s=REQUEST_S,
    clocks_s=CLOCKS_S,
)
BEGIN = 1_800_000_000_000

skews = st.lists(st.sampled_from([-2_000, 0, 2_000]), min_size=INSTANCES, max_size=INSTANCES)
"""How far each clock is off, so that no two are further apart than was said."""
whose = st.integers(0, INSTANCES - 1)
pauses = st.one_of(st.just(0), st.integers(0, 12_000))


@dataclass
class Process:
    """One instance: its chunk, and until when it may be used, by the true time."""

    skew: int
    id: str = ""
    left: int = 0
    made: int = 0
    until: int = 0


@dataclass
class Requests:
    """When the PSA was asked, by the true time, late ones included."""

    moments: list[int] = field(default_factory=list)

    def most_in(self, seconds: float) -> int:
        span = int(seconds * 1000)
        return max((sum(end - span < each <= end for each in self.moments) for end in self.moments), default=0)


requests = st.lists(
    st.tuples(
        pauses,
        whose,
        st.sampled_from(["burst", "burst", "take", "use", "give back", "crash"]),
        st.integers(1, 10),
        st.booleans(),
        st.sampled_from([0, int(REQUEST_S * 1000)]),
    ),
    max_size=60,
)


@dataclass
class World:
    """The instances over one budget; `now` is the true time."""

    processes: list[Process]
    known: Allowance = field(default_factory=Allowance)
    asked: Requests = field(default_factory=Requests)
    now: int = BEGIN
    chunks: int = 0

    def take(self, process: Process, size: int, *, interactive: bool) -> int:
        theirs, self.chunks = self.now + process.skew, self.chunks + 1
        until, process.id = theirs + int(TERMS.chunk_s * 1000), str(self.chunks)
        self.known, process.left = take(
            self.known, TERMS, theirs, id=process.id, wanted=size, until=until, interactive=interactive
        )
        process.made, process.until = 0, until - process.skew
        return process.left

    def use(self, process: Process, late: int) -> None:
        if process.left and self.now <= process.until:
            process.left, process.made = process.left - 1, process.made + 1
            self.asked.moments.append(self.now + late)

    def give_back(self, process: Process) -> None:
        self.known = give_back(self.known, TERMS, self.now + process.skew, id=process.id, made=process.made)
        process.id, process.left = "", 0

    def burst(self, process: Process, size: int, late: int, *, interactive: bool) -> None:
        """As much as there is."""
        while self.take(process, size, interactive=interactive):
            for _ in range(process.left):
                self.use(process, late)
            self.give_back(process)


@settings(max_examples=300)
@given(skews, requests)
def test_no_window_sees_more_requests_than_its_limit(
    apart: list[int], steps: list[tuple[int, int, str, int, bool, int]]
) -> None:
    world = World([Process(skew) for skew in apart])
    for pause, index, what, size, interactive, late in steps:
        world.now += pause
        process = world.processes[index]
        match what:
            case "burst" if not process.id:
                world.burst(process, size, late, interactive=interactive)
            case "take" if not process.id:
                world.take(process, size, interactive=interactive)
            case "use":
                world.use(process, late)
            case "give back":
                world.give_back(process)
            case "crash":
                world.processes[index] = Process(process.skew)

    for window in TERMS.windows:
        assert world.asked.most_in(window.seconds) <= window.limit


@given(st.lists(st.tuples(st.integers(0, 3_000), st.booleans()), max_size=80))
def test_other_calls_stop_at_their_share_and_a_persons_get_the_rest(steps: list[tuple[int, bool]]) -> None:
    known, now, background, all_ = Allowance(), BEGIN, Requests(), Requests()
    for number, (pause, interactive) in enumerate(steps):
        now += pause
        known, got = take(known, TERMS, now, id=str(number), wanted=1, until=now, interactive=interactive)
        known = give_back(known, TERMS, now, id=str(number), made=got)
        for requests_ in (all_,) if interactive else (all_, background):
            requests_.moments += [now] * got

    assert background.most_in(10.0) <= 4
    assert all_.most_in(10.0) <= 8
    known, got = take(Allowance(), TERMS, now, id="a", wanted=1, until=now, interactive=False)
    assert got == 1


@given(st.lists(st.tuples(pauses, st.integers(1, 5)), max_size=40), st.booleans())
def test_when_there_is_room_again_is_known_to_the_moment(steps: list[tuple[int, int]], interactive: bool) -> None:
    known, now = Allowance(), BEGIN
    for number, (pause, size) in enumerate(steps):
        now += pause
        known, _ = take(known, TERMS, now, id=str(number), wanted=size, until=now + 500, interactive=interactive)

    free = free_at(known, TERMS, now, interactive=interactive)

    assert take(known, TERMS, free, id="next", wanted=1, until=free, interactive=interactive)[1] == 1
    if free > now:
        assert take(known, TERMS, free - 1, id="next", wanted=1, until=free, interactive=interactive)[1] == 0


def test_what_others_make_of_the_tenants_requests_is_counted_while_it_is_news() -> None:
    ours = count(Allowance(), TERMS, BEGIN, 2)

    told = hear(ours, TERMS, BEGIN + 1_000, limit=15, used=14)

    assert (told.limit, told.others) == (15, 12)
    assert take(told, TERMS, BEGIN + 2_000, id="a", wanted=9, until=BEGIN, interactive=True)[1] == 1
    assert take(told, TERMS, BEGIN + 2_000, id="a", wanted=1, until=BEGIN, interactive=False)[1] == 0
    assert take(told, TERMS, BEGIN + 70_000, id="a", wanted=1, until=BEGIN, interactive=False)[1] == 1


def test_what_is_held_beyond_its_time_counts_as_made_and_is_forgotten_after_its_window() -> None:
    known, got = take(Allowance(), TERMS, BEGIN, id="dead", wanted=1, until=BEGIN + 1_000, interactive=True)
    later = BEGIN + 3_000 + TERMS.longest_ms + TERMS.slack_ms + 2 * TERMS.width_ms

    meanwhile, _ = take(known, TERMS, BEGIN + 2_000, id="b", wanted=1, until=BEGIN + 3_000, interactive=True)
    afterwards, _ = take(meanwhile, TERMS, later + 2_000, id="c", wanted=1, until=later + 3_000, interactive=True)

    assert got == 1
    assert set(meanwhile.held) == {"b"}
    assert sum(meanwhile.made.values()) == 1
    assert (set(afterwards.held), afterwards.made) == ({"c"}, {})


turns = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1_000, 4_000]),
        whose,
        st.sampled_from(["lend", "lend", "give back", "prolong", "crash"]),
        st.booleans(),
    ),
    max_size=120,
)


@settings(max_examples=300)
@given(skews, turns)
def test_no_endpoint_is_asked_by_more_at_a_time_and_one_turn_is_left_to_persons(
    apart: list[int], steps: list[tuple[int, int, str, bool]]
) -> None:
    """A turn that was lent lasts, for the PSA, until it is given back or its time is over by its holder's clock."""
    known, now = Turns(), BEGIN
    lasting: dict[str, Turn] = {}
    held: dict[int, str] = {}
    for number, (pause, index, what, interactive) in enumerate(steps):
        now += pause
        theirs = now + apart[index]
        lasting = {id: turn for id, turn in lasting.items() if turn.until >= now}
        mine = lasting.get(held.get(index, ""))
        if what == "lend" and mine is None:
            turn = Turn(str(number), "Companies", str(index), theirs + 5_000, interactive)
            known, lent = lend(known, TERMS, theirs, turn)
            if lent:
                lasting[turn.id], held[index] = replace(turn, until=now + 5_000), turn.id
        elif what == "prolong" and mine is not None:
            known, still = prolong(known, mine.id, theirs + 5_000)
            assert still, "a turn whose time is not over was lent to another"
            lasting[mine.id] = replace(mine, until=now + 5_000)
        elif what == "give back" and mine is not None:
            known = give_turns_back(known, frozenset({mine.id}))
            del lasting[mine.id]
        elif what == "crash":
            held.pop(index, None)
        assert len(lasting) <= TERMS.threads
        assert sum(not turn.interactive for turn in lasting.values()) <= TERMS.threads - 1


def a_turn(id: str, owner: str, *, interactive: bool = False, endpoint: str = "Companies") -> Turn:
    return Turn(id, endpoint, owner, BEGIN + 60_000, interactive)


def test_whoever_waits_longer_is_first_and_a_person_before_all_others() -> None:
    known = Turns()
    for number in range(2):
        known, _ = lend(known, TERMS, BEGIN, a_turn(str(number), "a"))
    known, third = lend(known, TERMS, BEGIN, a_turn("p", "a", interactive=True))
    for moment, (owner, interactive) in enumerate([("b", False), ("c", False), ("d", True)]):
        known, lent = lend(known, TERMS, BEGIN + moment, a_turn(owner, owner, interactive=interactive))
        assert not lent
    known = give_turns_back(known, frozenset({"0"}))

    tried = {each: lend(known, TERMS, BEGIN + 10, a_turn(each, each, interactive=each == "d"))[1] for each in "cbd"}
    known, _ = lend(known, TERMS, BEGIN + 10, a_turn("d", "d", interactive=True))
    known = give_turns_back(known, frozenset({"p"}))

    assert third
    assert tried == {"c": False, "b": False, "d": True}
    assert not lend(known, TERMS, BEGIN + 20, a_turn("c", "c"))[1]
    assert lend(known, TERMS, BEGIN + 20, a_turn("b", "b"))[1]


def test_whoever_comes_no_more_waits_no_longer_and_other_endpoints_have_lines_of_their_own() -> None:
    known = Turns()
    for number in range(2):
        known, _ = lend(known, TERMS, BEGIN, a_turn(str(number), "a"))
    known, _ = lend(known, TERMS, BEGIN, a_turn("b", "b"))
    known = give_turns_back(known, frozenset({"0"}))

    assert not lend(known, TERMS, BEGIN + 1, a_turn("c", "c"))[1]
    assert lend(known, TERMS, BEGIN + 1, a_turn("c", "c", endpoint="Countries"))[1]
    assert lend(known, TERMS, BEGIN + WAITS_MS + 1, a_turn("c", "c"))[1]
