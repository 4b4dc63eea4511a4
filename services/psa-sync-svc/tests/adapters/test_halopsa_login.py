"""Where HaloPSA's secret goes, and how long a token is believed: asserted on what the hosts were sent."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from psa_sync_svc.adapters.halopsa import tokens
from psa_sync_svc.workers.psa import AuthFailed, Permanent, PsaError, RateLimited, Transient

Open = Any
World = Any
HOST, URL = "harbour.halo.example", "https://harbour.halo.example"
CLIENT = {"id": 7, "name": "Seven", "inactive": False, "main_site_id": 0, "ref": ""}


def ok(payload: object) -> httpx.Response:
    return httpx.Response(200, json=payload)


def token(text: str = "t-1", **more: Any) -> httpx.Response:
    return ok({"access_token": text, "token_type": "Bearer", "expires_in": 3600, **more})


def refused() -> httpx.Response:
    return httpx.Response(401, json={"Message": "Authorization has been denied for this request."})


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    world.says(HOST, "/api/authinfo", ok({"auth_url": f"{URL}/auth", "tenant_id": "harbour"}))
    world.says(HOST, "/auth/token", token())
    world.says(HOST, "/api/Client", ok({"record_count": 1, "clients": [CLIENT]}))
    world.says(HOST, "/api/Site", ok({"record_count": 1, "sites": [{"id": 3}]}))
    world.says(HOST, "/api/Client/7", ok(CLIENT))


def bearers(world: World) -> list[str]:
    return [request.headers["authorization"] for _, request in world.sent if "authorization" in request.headers]


async def test_the_place_of_tokens_is_asked_for_without_credentials_which_then_go_in_a_form(
    world: World, halopsa: Open
) -> None:
    await halopsa(URL).account("7")

    info, login, call = (request for _, request in world.sent)
    assert (info.url.path, info.content, "authorization" in info.headers) == ("/api/authinfo", b"", False)
    assert (login.url.path, dict(login.url.params)) == ("/auth/token", {"tenant": "harbour"})
    assert "authorization" not in login.headers
    assert parse_qs(login.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["h-client"],
        "client_secret": ["simulated-secret"],
        "scope": ["read:customers edit:customers"],
    }
    assert (call.url.path, call.headers["authorization"]) == ("/api/Client/7", "Bearer t-1")
    assert "simulated-secret" not in f"{call.url} {call.headers.raw!r} {call.content!r}"


@pytest.mark.parametrize(
    "pasted",
    [URL, f"{URL}/", f"{URL}/api", f"{URL}/auth/", f"{URL}/auth/token", f"{URL}/api/authinfo", f"{URL}/apidoc"],
)
async def test_a_base_url_is_taken_as_people_paste_it(world: World, halopsa: Open, pasted: str) -> None:
    await halopsa(pasted).account("7")

    assert [request.url.path for _, request in world.sent] == ["/api/authinfo", "/auth/token", "/api/Client/7"]


async def test_a_server_below_a_path_keeps_it(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/authinfo", ok({"auth_url": f"{URL}/desk/auth/"}))

    await halopsa(f"{URL}/desk/api").account("7")

    paths = [request.url.path for _, request in world.sent]
    assert paths == ["/desk/api/authinfo", "/desk/auth/token", "/desk/api/Client/7"]


async def test_without_a_base_url_there_is_nothing_to_call(halopsa: Open) -> None:
    with pytest.raises(Permanent, match="give base_url"):
        halopsa(None)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/auth",
        f"http://{HOST}/auth",
        f"https://{HOST}:8443/auth",
        f"https://{HOST}@evil.example/auth",
        f"https://x:y@{HOST}/auth",
        f"https://{HOST}.evil.example/auth",
        f"https://{HOST}/auth?next=https://evil.example",
        f"https://{HOST}/auth#x",
        "//evil.example/auth",
        "/auth",
    ],
)
async def test_tokens_elsewhere_are_not_asked_for(world: World, halopsa: Open, elsewhere: str) -> None:
    world.says(HOST, "/api/authinfo", ok({"auth_url": elsewhere}))

    with pytest.raises(Permanent, match="another host"):
        await halopsa(URL).account("7")

    assert {host for host, _ in world.sent} == {HOST}
    assert world.saw_credentials() == set()


async def test_a_host_that_is_set_may_give_tokens(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/authinfo", ok({"auth_url": "https://login.halo.example/auth"}))
    world.says("login.halo.example", "/auth/token", token())

    await halopsa(URL, auth_hosts={"LOGIN.halo.example"}).account("7")

    assert world.saw_credentials() == {"login.halo.example", HOST}
    assert "simulated-secret" not in "".join(str(request.content) for request in world.requests(HOST))


@pytest.mark.parametrize("answer", [httpx.Response(404, json={}), httpx.Response(404, html="<html>404</html>")])
async def test_a_server_that_tells_no_place_has_it_beside_the_api(
    world: World, halopsa: Open, answer: httpx.Response
) -> None:
    world.says(HOST, "/api/authinfo", answer)

    assert await halopsa(URL).account("7") is not None


@pytest.mark.parametrize("told", ["text", [], {}, {"auth_url": None}, {"auth_url": 7}, {"auth_url": "https://[::1"}])
async def test_what_is_no_place_is_another_api(world: World, halopsa: Open, told: object) -> None:
    world.says(HOST, "/api/authinfo", ok(told))

    with pytest.raises(Permanent, match="base_url"):
        await halopsa(URL).account("7")

    assert world.saw_credentials() == set()


@pytest.mark.parametrize(
    ("answer", "error", "sent"),
    [
        (httpx.Response(400, json={"error": "invalid_client"}), AuthFailed, 1),
        (httpx.Response(401, json={"error": "invalid_client"}), AuthFailed, 1),
        (httpx.Response(200, json={"error": "invalid_grant"}), AuthFailed, 1),
        (httpx.Response(400, json={"error": "unauthorized_client"}), AuthFailed, 1),
        (httpx.Response(401, text="no"), AuthFailed, 1),
        (httpx.Response(403, html="<html>no</html>"), AuthFailed, 1),
        (httpx.Response(400, json={"error": "invalid_scope"}), Permanent, 1),
        (httpx.Response(400, json={"error": "unsupported_grant_type"}), Permanent, 1),
        (httpx.Response(404, json={"Message": "no"}), Permanent, 1),
        (httpx.Response(302, headers={"Location": "https://evil.example/"}), Permanent, 1),
        (httpx.Response(200, json={"access_token": None}), Permanent, 1),
        (httpx.Response(200, json={"access_token": "a b"}), Permanent, 1),
        (httpx.Response(200, json={"access_token": "a\r\nHost: evil"}), Permanent, 1),
        (httpx.Response(200, json={"access_token": "a", "token_type": "mac"}), Permanent, 1),
        (httpx.Response(200, json=["a"]), Permanent, 1),
        (httpx.Response(200, html="<html>log in</html>"), Transient, 1),
        (httpx.Response(429, text="Rate Limit Reached - 300 Requests per rolling 5 minute window"), RateLimited, 1),
        (httpx.Response(500, json={"Message": "no"}), Transient, 1),
        (httpx.Response(503, text="no"), Transient, 3),
    ],
)
async def test_what_comes_instead_of_a_token_is_told_and_refused_credentials_are_not_sent_again(
    *, world: World, halopsa: Open, answer: httpx.Response, error: type[PsaError], sent: int
) -> None:
    world.says(HOST, "/auth/token", answer)

    with pytest.raises(error) as told:
        await halopsa(URL).account("7")

    assert issubclass(told.type, error)
    assert len(world.requests(HOST, "/auth/token")) == sent
    assert {host for host, _ in world.sent} == {HOST}
    assert "simulated-secret" not in str(told.value)


async def test_the_scope_that_is_not_given_is_named(world: World, halopsa: Open) -> None:
    world.says(HOST, "/auth/token", httpx.Response(400, json={"error": "invalid_scope"}))

    with pytest.raises(Permanent, match="'all'"):
        await halopsa(URL, scope="all").account("7")


async def test_a_token_serves_all_clients_of_a_tenant_until_it_ends(
    world: World, halopsa: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(tokens, "monotonic", lambda: now[0])
    monkeypatch.setattr("psa_sync_svc.adapters.halopsa.login.monotonic", lambda: now[0])
    world.says(HOST, "/auth/token", token("t-1"), token("t-2", expires_in=90), token("t-3", expires_in=0))

    for later in (0.0, 3_539.0, 2.0, 44.0, 2.0, 0.0):
        now[0] += later
        await halopsa(URL).account("7")

    assert bearers(world) == [f"Bearer {text}" for text in ("t-1", "t-1", "t-2", "t-2", "t-3", "t-3")]
    assert len(world.requests(HOST, "/auth/token")) == 4


async def test_a_refused_token_is_renewed_once_and_shared(world: World, halopsa: Open) -> None:
    def only_the_second(request: httpx.Request) -> httpx.Response:
        return ok(CLIENT) if request.headers["authorization"] == "Bearer t-2" else refused()

    world.says(HOST, "/auth/token", token("t-1"), token("t-2"))
    world.says(HOST, "/api/Client/7", only_the_second)
    psa = halopsa(URL, at_once=10)

    found = await asyncio.gather(*(psa.account("7") for _ in range(5)))

    assert all(found)
    assert len(world.requests(HOST, "/auth/token")) == 2


async def test_a_token_that_is_refused_again_stops_the_calls(world: World, halopsa: Open) -> None:
    world.says(HOST, "/auth/token", token("t-1"), token("t-2"), token("t-3"))
    world.says(HOST, "/api/Client/7", refused())

    with pytest.raises(AuthFailed):
        await halopsa(URL).account("7")

    assert bearers(world) == ["Bearer t-1", "Bearer t-2"]


async def test_an_edited_secret_is_tried_and_not_covered_by_the_old_ones_token(world: World, halopsa: Open) -> None:
    edited = {"client_id": "h-client", "client_secret": "edited", "tenant": "harbour"}
    await halopsa(URL).account("7")
    world.says(HOST, "/auth/token", httpx.Response(400, json={"error": "invalid_client"}))

    with pytest.raises(AuthFailed):
        await halopsa(URL, credentials=edited).account("7")

    assert b"client_secret=edited" in world.requests(HOST, "/auth/token")[-1].content


async def test_a_check_gives_the_credentials_again(world: World, halopsa: Open) -> None:
    psa = halopsa(URL)
    await psa.account("7")
    world.says(HOST, "/auth/token", httpx.Response(400, json={"error": "invalid_client"}))

    with pytest.raises(AuthFailed):
        await psa.check()


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "tenant"])
@pytest.mark.parametrize("value", [None, "", " x", "a\r\nHost: evil.example", "\x00"])
async def test_credentials_that_cannot_be_sent_are_refused_before_a_call(
    world: World, halopsa: Open, missing: str, value: str | None
) -> None:
    whole = {"client_id": "c", "client_secret": "s", "tenant": "t"}
    given = {name: text for name, text in (whole | {missing: value}).items() if text is not None}

    with pytest.raises(AuthFailed, match=missing):
        await halopsa(URL, credentials=given).check()

    assert world.sent == []


async def test_credentials_with_letters_of_a_forms_own_stay_one_value(world: World, halopsa: Open) -> None:
    odd = {"client_id": "a&scope=all", "client_secret": "é+ %&=\u2713", "tenant": "t&client_id=x"}

    await halopsa(URL, credentials=odd).account("7")

    [login] = world.requests(HOST, "/auth/token")
    form = parse_qs(login.content.decode(), strict_parsing=True)
    assert (form["client_id"], form["client_secret"]) == (["a&scope=all"], ["é+ %&=\u2713"])
    assert form["scope"] == ["read:customers edit:customers"]
    assert dict(login.url.params) == {"tenant": "t&client_id=x"}
