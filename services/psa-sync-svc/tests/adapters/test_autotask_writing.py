"""Changes in Autotask: what its answers may mean, and where a change and the credentials must not go."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import (
    AuthFailed,
    FieldsRefused,
    Missing,
    Permanent,
    Psa,
    PsaError,
    Transient,
    Unanswered,
)

Open = Any
World = Any
VENDOR, ZONE, OTHER = "webservices2.autotask.net", "webservices14.autotask.net", "webservices15.autotask.net"
NAME, PHONE, ADDRESS = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.COMPANY_ADDRESS
DONE = {"itemId": 7}
TOLD = [
    {"name": name, "length": 0} for name in ("id", "companyName", "phone", "city", "ownerResourceID", "companyType")
]


def ok(payload: object) -> httpx.Response:
    return httpx.Response(200, json=payload)


def refused(*texts: str, status: int = 500) -> httpx.Response:
    return httpx.Response(status, json={"errors": list(texts)})


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    for host in (ZONE, OTHER):
        world.says(host, "/Companies/7", ok({"item": {"id": 7, "companyName": "A"}}))
        world.says(host, "/entityInformation/fields", ok({"fields": TOLD}))
        world.says(host, "/Companies", ok(DONE))


def changes(world: World, host: str = ZONE) -> list[Any]:
    return [json.loads(request.content) for request in world.requests(host) if request.method == "PATCH"]


async def test_after_a_401_a_change_is_made_once_more_where_the_tenant_has_moved(world: World, opened: Open) -> None:
    psa = opened()
    await psa.account("7")
    world.zone(f"https://{OTHER}/ATServicesRest/")
    world.says(ZONE, "/Companies", httpx.Response(401))

    await psa.update("7", {NAME: "B"})

    assert changes(world) == changes(world, OTHER) == [{"id": 7, "companyName": "B"}]


async def test_after_a_401_a_change_is_not_made_again_where_the_tenant_has_not_moved(
    world: World, opened: Open
) -> None:
    world.says(ZONE, "/Companies", httpx.Response(401))

    with pytest.raises(AuthFailed):
        await opened().update("7", {NAME: "B"})

    assert len(changes(world)) == 1
    assert len(world.requests(VENDOR)) == 2


async def test_a_second_401_ends_it(world: World, opened: Open) -> None:
    psa = opened()
    await psa.account("7")
    world.zone(f"https://{OTHER}/ATServicesRest/")
    for host in (ZONE, OTHER):
        world.says(host, "/Companies", httpx.Response(401))

    with pytest.raises(AuthFailed):
        await psa.update("7", {NAME: "B"})

    assert (len(changes(world)), len(changes(world, OTHER))) == (1, 1)


async def test_after_a_401_a_change_does_not_follow_to_a_host_that_is_not_the_vendors(
    world: World, opened: Open
) -> None:
    psa = opened()
    await psa.account("7")
    world.zone("https://evil.example/ATServicesRest/")
    world.says(ZONE, "/Companies", httpx.Response(401))

    with pytest.raises(Permanent, match="not trusted"):
        await psa.update("7", {NAME: "B"})

    assert world.requests("evil.example") == []
    assert world.saw_credentials() == {ZONE}


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
async def test_a_change_that_never_left_was_not_made(world: World, opened: Open, error: Exception) -> None:
    world.says(ZONE, "/Companies", error)

    with pytest.raises(Transient) as told:
        await opened().update("7", {NAME: "B"})

    assert not isinstance(told.value, Unanswered)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
    ],
)
async def test_a_change_that_left_may_have_been_made(world: World, opened: Open, error: Exception) -> None:
    world.says(ZONE, "/Companies", error)

    with pytest.raises(Unanswered):
        await opened().update("7", {NAME: "B"})

    assert len(changes(world)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"itemId": 8}),
        httpx.Response(200, json={"itemId": None}),
        httpx.Response(200, text=""),
        httpx.Response(204),
        httpx.Response(200, text="{" * 100_000),
        httpx.Response(200, content=b"x" * 1_100_000),
        refused("An unexpected error has occurred.  Please reference Error ID: 1166"),
        httpx.Response(500),
        httpx.Response(504),
    ],
)
async def test_an_answer_that_does_not_say_so_is_no_confirmation(
    world: World, opened: Open, answer: httpx.Response
) -> None:
    world.says(ZONE, "/Companies", answer)

    with pytest.raises(Unanswered):
        await opened(largest_answer=1_000_000).update("7", {NAME: "B"})

    assert len(changes(world)) == 1


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refused("Missing Required Field: phone"), FieldsRefused, "contact_number: .* empty"),
        (refused("The length of Phone exceeds its maximum of 25."), FieldsRefused, "contact_number: .* too long"),
        (refused("phone 020 7946 0000 is odd"), FieldsRefused, "contact_number: Autotask does not take this value$"),
        (refused("Missing Required Field: phone", status=200), FieldsRefused, "contact_number"),
        (refused("Missing Required Field: phone", status=400), FieldsRefused, "contact_number"),
        (refused("Value does not reference an existing entity for ownerResourceID . "), Permanent, "ownerResourceID"),
        (refused("The telephone is wrong, see error ID 1166"), Permanent, "1 errors told"),
        (refused("The logged in Resource does not have the adequate permissions"), Permanent, "security level"),
        (refused("Rerun the transaction: chosen as the deadlock victim"), Transient, "locked"),
        (refused("The Autotask API thread threshold of 3 threads has been exceeded."), Transient, "at a time"),
        (httpx.Response(404, json={"Message": "No HTTP resource was found"}), Permanent, "check base_url"),
        (httpx.Response(405, json={"Message": "does not support http method"}), Permanent, "405"),
    ],
)
async def test_a_refusal_is_told_by_its_words(
    *, world: World, opened: Open, answer: httpx.Response, error: type[PsaError], words: str
) -> None:
    world.says(ZONE, "/Companies", answer)

    with pytest.raises(error, match=words) as told:
        await opened().update("7", {NAME: "B", PHONE: "020 7946 0000"})

    assert not isinstance(told.value, Unanswered | Missing)
    assert isinstance(told.value, FieldsRefused) is (error is FieldsRefused)
    assert "7946" not in str(told.value)
    assert len(changes(world)) == 1


async def test_a_refusal_names_only_fields_that_were_to_be_changed(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies", refused("Missing Required Field: phone"))

    with pytest.raises(Permanent, match="because of its phone") as told:
        await opened().update("7", {NAME: "B"})

    assert not isinstance(told.value, FieldsRefused)


async def test_a_part_of_the_address_is_the_address(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies", refused("The length of city exceeds its maximum of 30."))

    with pytest.raises(FieldsRefused) as told:
        await opened().update("7", {NAME: "B", ADDRESS: Address(city="x")})

    assert set(told.value.fields) == {ADDRESS}


@pytest.mark.parametrize("there", [{"item": None}, httpx.Response(404, json={"Message": "none"})])
async def test_a_refusal_about_a_company_that_is_gone_says_that(world: World, opened: Open, there: Any) -> None:
    world.says(ZONE, "/Companies/7", there if isinstance(there, httpx.Response) else ok(there))
    world.says(ZONE, "/Companies", refused("whatever is said of it"))

    with pytest.raises(Missing):
        await opened().update("7", {NAME: "B"})


async def test_of_two_countries_with_one_code_that_in_use_is_taken(world: World, opened: Open) -> None:
    countries = [
        {"id": 1, "name": "Holland", "countryCode": "NL", "isActive": False},
        {"id": 149, "name": "Netherlands", "countryCode": "NL", "isActive": True},
    ]
    world.says(ZONE, "/Countries/query", ok({"items": countries, "pageDetails": {}}))

    await opened().update("7", {ADDRESS: Address(country="NL")})

    assert changes(world)[0]["countryID"] == 149


async def test_a_country_that_there_is_not_is_asked_for_at_most_once_in_a_while(world: World, opened: Open) -> None:
    psa = opened()

    for _ in range(3):
        with pytest.raises(FieldsRefused):
            await psa.update("7", {ADDRESS: Address(country="BQ")})

    assert len(world.requests(ZONE, "/Countries/query")) == 1
    assert changes(world) == []


async def test_limits_are_what_the_fields_tell_and_else_those_of_the_older_api(world: World, opened: Open) -> None:
    told = [
        {"name": "CompanyName", "length": 80, "isRequired": True},
        {"name": "phone", "length": "25", "isRequired": False},
        {"name": "countryID", "length": 4, "isRequired": True},
        {"name": "companyNumber", "length": 0, "isReadOnly": True},
    ]
    world.says(ZONE, "/entityInformation/fields", ok({"fields": told}))

    assert await opened().limits() == FieldLimits(
        longest={
            "company_name": 80,
            "contact_number": 25,
            "reference": 50,
            "company_address.line1": 128,
            "company_address.line2": 128,
            "company_address.city": 30,
            "company_address.region": 40,
            "company_address.postal_code": 10,
        },
        required=frozenset({"company_name", "company_address.country"}),
        read_only=frozenset({"reference"}),
    )


@pytest.mark.parametrize("payload", [{}, {"fields": None}, {"fields": ["name"]}, {"fields": {"name": "phone"}}])
async def test_fields_of_another_form_are_another_api(world: World, opened: Open, payload: object) -> None:
    world.says(ZONE, "/entityInformation/fields", ok(payload))

    with pytest.raises(Permanent, match="check base_url"):
        await opened().limits()


async def test_changes_of_one_tenant_take_turns_and_those_of_another_do_not_wait(world: World, opened: Open) -> None:
    await asyncio.gather(*(opened().update("7", {NAME: str(number)}) for number in range(5)))
    assert (world.most["PATCH"], len(changes(world))) == (1, 5)

    other = {"username": "other@msp.example", "secret": "s", "integration_code": "i"}
    clients: list[Psa] = [opened(), opened(credentials=other)]
    await clients[1].check()
    await asyncio.gather(*(psa.update("7", {NAME: "C"}) for psa in clients))
    assert world.most["PATCH"] == 2


async def test_a_change_that_waits_too_long_for_its_turn_was_not_sent(world: World, opened: Open) -> None:
    arrived, answers = asyncio.Event(), asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await answers.wait()
        return ok(DONE)

    world.says(ZONE, "/Companies", hang)
    first = asyncio.create_task(opened(call_limit_s=1.0).update("7", {NAME: "B"}))
    await arrived.wait()

    with pytest.raises(Transient, match="busy with other changes") as told:
        await opened(call_limit_s=1.0).update("7", {NAME: "C"})

    answers.set()
    await first
    assert not isinstance(told.value, Unanswered)
    assert changes(world) == [{"id": 7, "companyName": "B"}]


async def test_half_a_character_is_refused_before_a_call(world: World, opened: Open) -> None:
    with pytest.raises(Permanent, match="half a character"):
        await opened().update("7", {NAME: "\ud83e"})

    assert changes(world) == []
