"""HaloPSA's numbered pages, read while records come and go, and by servers with habits of their own."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.adapters.halopsa.pages import place_of
from psa_sync_svc.workers.psa import Permanent, Psa, PsaError, Transient

Open = Any
World = Any
HOST, URL = "harbour.halo.example", "https://harbour.halo.example"
Answer = dict[str, Any]


def client(number: int, **more: Any) -> Answer:
    return {"id": number, "name": f"C {number}", "inactive": False, "main_site_id": number, "ref": "", **more}


def site(number: int, **more: Any) -> Answer:
    lines = {f"delivery_address_line{line}": "" for line in range(1, 6)}
    return {"id": number, "client_id": float(number), "phonenumber": str(number), "country_code": "", **lines, **more}


class Server:
    """A list that keeps to `pageinate`; `most`: rows that it gives at once; `before`: what happens before each page."""

    def __init__(self, name: str, ids: range | list[int], make: Callable[[int], Answer]) -> None:
        self.name, self.rows, self.most = name, {number: make(number) for number in ids}, 1_000
        self.asked: list[Mapping[str, str]] = []
        self.before: Callable[[int], None] = lambda _: None

    def answer(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.before(len(self.asked))
        self.asked.append(query)
        assert (query["pageinate"], query["order"], query["includeinactive"]) == ("true", "id", "true")
        number, size = int(query["page_no"]), min(int(query["page_size"]), self.most)
        rows = [self.rows[each] for each in sorted(self.rows)]
        chosen = rows[(number - 1) * size : number * size]
        told = {"page_no": number, "page_size": size, "record_count": len(rows), self.name: chosen}
        return httpx.Response(200, json=told)


@pytest.fixture
def clients(world: World) -> Server:
    server = Server("clients", range(1, 251), client)
    world.says(HOST, "/api/Client", server.answer)
    return server


@pytest.fixture
def sites(world: World) -> Server:
    server = Server("sites", range(1, 251), site)
    world.says(HOST, "/api/Site", server.answer)
    return server


@pytest.fixture(autouse=True)
def _scripted(world: World, clients: Server, sites: Server) -> None:
    world.says(HOST, "/api/authinfo", httpx.Response(200, json={"auth_url": f"{URL}/auth"}))
    world.says(HOST, "/auth/token", httpx.Response(200, json={"access_token": "t", "expires_in": 3600}))


async def numbers(psa: Psa, **given: Any) -> list[int]:
    return [int(account.account_id) async for page in psa.accounts(**given) for account in page]


async def test_pages_overlap_by_a_row_or_few(halopsa: Open, clients: Server) -> None:
    assert await numbers(halopsa(URL)) == list(range(1, 251))

    places = [(int(each["page_no"]), int(each["page_size"])) for each in clients.asked]
    assert places == [(1, 100), (2, 99), (3, 98)]


@given(known=st.integers(1, 200_000), most=st.integers(20, 100))
def test_every_page_holds_the_last_row_and_more(known: int, most: int) -> None:
    number, size = place_of(known, most)

    first = (number - 1) * size
    assert first <= known - 1 < known < first + size <= first + most
    assert size > most // 2


def test_hardly_a_row_is_read_twice() -> None:
    new = [number * size - known for known in range(1, 20_000, 37) for number, size in [place_of(known, 100)]]

    assert sum(new) / len(new) > 85


async def test_a_server_that_gives_fewer_rows_at_once_is_read_in_its_own_size(halopsa: Open, clients: Server) -> None:
    clients.most = 30

    assert await numbers(halopsa(URL)) == list(range(1, 251))
    assert [int(each["page_size"]) <= 30 for each in clients.asked] == [False] + [True] * (len(clients.asked) - 1)


async def test_pages_of_few_rows_are_refused(halopsa: Open, clients: Server) -> None:
    clients.most = 10

    with pytest.raises(Permanent, match="too few"):
        await numbers(halopsa(URL))


@pytest.mark.parametrize("gone", [range(1, 2), range(40, 60), range(1, 101), range(1, 240), range(90, 130)])
async def test_what_goes_while_the_list_is_read_hides_nothing(halopsa: Open, clients: Server, gone: range) -> None:
    def deleted(asked: int) -> None:
        if asked == 1:
            for number in gone:
                del clients.rows[number]

    clients.before = deleted

    found = await numbers(halopsa(URL))

    assert found == [number for number in range(1, 251) if number <= 100 or number not in gone]


async def test_what_comes_while_the_list_is_read_is_in_it(halopsa: Open, clients: Server) -> None:
    def made(asked: int) -> None:
        if asked in (1, 2):
            clients.rows[300 + asked] = client(300 + asked, main_site_id=0)

    clients.before = made

    assert await numbers(halopsa(URL)) == [*range(1, 251), 301, 302]


@pytest.mark.parametrize("seed", range(25))
async def test_whatever_comes_and_goes_all_that_stay_are_read_once_and_in_order(
    halopsa: Open, clients: Server, seed: int
) -> None:
    draw, stays = Random(seed), set(clients.rows)

    def change(asked: int) -> None:
        for number in draw.sample(sorted(clients.rows), min(len(clients.rows) // 3, draw.choice((0, 1, 5, 40)))):
            del clients.rows[number]
            stays.discard(number)
        for number in range(draw.choice((0, 0, 1, 30)) if asked < 6 else 0):
            clients.rows[1_000 + 100 * asked + number] = client(1_000 + 100 * asked + number, main_site_id=0)

    clients.before = change

    found = await numbers(halopsa(URL, page_size=20 + seed))

    assert found == sorted(set(found))
    assert stays <= set(found)


async def test_sites_are_read_beside_clients_and_only_as_far_as_they_are_needed(
    world: World, halopsa: Open, clients: Server, sites: Server
) -> None:
    pages = halopsa(URL).accounts()

    first = await anext(pages)

    assert [account.contact_number for account in first] == [str(number) for number in range(1, 101)]
    assert (len(clients.asked), len(sites.asked)) == (1, 1)
    assert await anext(pages)
    assert (len(clients.asked), len(sites.asked)) == (2, 2)
    assert sites.asked[0]["includeaddress"] == "true"


async def test_a_site_far_behind_is_found_and_an_answer_comes_on_the_way(
    halopsa: Open, clients: Server, sites: Server
) -> None:
    clients.rows[1] = client(1, main_site_id=950)
    sites.rows |= {number: site(number, client_id=0) for number in range(300, 900)} | {950: site(950, client_id=1)}

    pages = [page async for page in halopsa(URL).accounts()]

    first = next(at for at, page in enumerate(pages) if page)
    assert first >= 2
    assert pages[first][0].contact_number == "950"
    assert [len(page) for page in pages[first:]] == [100, 98, 52]


async def test_a_site_that_is_not_listed_is_asked_for(world: World, halopsa: Open, clients: Server) -> None:
    clients.rows[5] = client(5, main_site_id=999)
    clients.rows[6] = client(6, main_site_id=998)
    clients.rows[7] = client(7, main_site_id=None)
    whole = {"id": 999, "phonenumber": "9", "delivery_address": None, "country_code": None}
    world.says(HOST, "/api/Site/999", httpx.Response(200, json=whole))
    world.says(HOST, "/api/Site/998", httpx.Response(404, json={"errorMessage": "no"}))

    found = [account async for page in halopsa(URL).accounts() for account in page]

    assert [account.contact_number for account in found[4:8]] == ["9", None, None, "8"]


async def test_rows_that_do_not_tell_enough_are_asked_for_each_by_itself_few_at_a_time(
    world: World, halopsa: Open, clients: Server, sites: Server
) -> None:
    clients.rows = {number: {"id": number, "name": "slim"} for number in range(1, 6)}
    sites.rows = {number: {"id": number, "client_id": number, "phonenumber": "slim"} for number in range(1, 6)}
    for number in range(1, 6):
        whole = {"id": number, "phonenumber": "1", "delivery_address": {"line1": "L"}, "country_code": "NL"}
        world.says(HOST, f"/api/Client/{number}", httpx.Response(200, json=client(number, ref="R")))
        world.says(HOST, f"/api/Site/{number}", httpx.Response(200, json=whole))
    world.says(HOST, "/api/Client/4", httpx.Response(404, json={"errorMessage": "gone meanwhile"}))

    pages = [page async for page in halopsa(URL).accounts()]

    assert [len(page) for page in pages] == [3, 1]
    assert {account.reference for page in pages for account in page} == {"R"}
    assert all(each.company_address and each.company_address.line1 == "L" for page in pages for each in page)


@pytest.mark.parametrize("empty", ["clients", "sites"])
async def test_nothing_at_all_is_missing_rights_and_no_empty_list(
    halopsa: Open, clients: Server, sites: Server, empty: str
) -> None:
    {"clients": clients, "sites": sites}[empty].rows.clear()

    with pytest.raises(Permanent, match="the right to see them"):
        await numbers(halopsa(URL))
    with pytest.raises(Permanent, match="the right to see them"):
        await halopsa(URL).check()


def answer(rows: list[Any], **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"record_count": 250, "clients": rows, **more})


FULL = [client(number) for number in range(1, 101)]


@pytest.mark.parametrize(
    ("answers", "error", "told"),
    [
        ([answer(FULL, page_no=1), answer(FULL, page_no=1)], Permanent, "keep to the pages"),
        ([answer(FULL), answer(FULL[:99]), answer(FULL[:98])], Transient, "ends after 100 of its 250"),
        ([answer(FULL), answer([]), answer(FULL[98:]), answer(FULL[97:])], Transient, "ends after"),
        ([answer([*FULL, client(101)])], Permanent, "keep to the pages"),
        ([answer(FULL[::-1])], Permanent, "order of ids"),
        ([answer([client(1), client(1)])], Permanent, "come twice"),
        ([answer([])], Transient, "ends after 0 of its 250"),
        ([answer([7])], Permanent, "base_url"),
        ([answer([{"id": "7"}])], Permanent, "base_url"),
        ([answer([{"name": "no id"}])], Permanent, "base_url"),
        ([answer(FULL, record_count=None)], Permanent, "base_url"),
        ([answer(FULL, record_count=True)], Permanent, "base_url"),
        ([httpx.Response(200, json=FULL)], Permanent, "base_url"),
        ([httpx.Response(200, json={"record_count": 1, "clients": {}})], Permanent, "base_url"),
    ],
)
async def test_a_list_that_cannot_be_one_is_an_error_and_never_a_short_list(
    world: World, halopsa: Open, answers: list[httpx.Response], error: type[PsaError], told: str
) -> None:
    world.says(HOST, "/api/Client", *answers)

    with pytest.raises(error, match=told):
        await numbers(halopsa(URL))


async def test_only_what_says_that_it_was_not_changed_is_left_out(
    halopsa: Open, clients: Server, sites: Server
) -> None:
    old, new = "2026-11-01T00:00:00.1", "2026-11-24T10:00:00.563"
    clients.rows |= {number: client(number, alastupdate=old) for number in range(1, 251)}
    sites.rows |= {number: site(number, slastupdate=old) for number in range(1, 251)}
    clients.rows[20] = client(20, alastupdate=new)
    sites.rows[30] = site(30, slastupdate=new)
    clients.rows[40], sites.rows[40] = client(40), site(40)

    assert await numbers(halopsa(URL), modified_since="2026-11-24T10:01:00Z") == [20, 30, 40]
    assert await numbers(halopsa(URL), modified_since="2026-11-24T10:03:00Z") == [40]
