"""The store over TLS, as a user: who is not who it should be is refused, and the reason names the setting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pymongo.errors import ServerSelectionTimeoutError

from embedded.ports import LOOPBACK
from embedded.stack import Stack
from shared.engine.errors import Unavailable
from shared.store.mongo import MongoStore
from shared.store.reasons import why
from tests.secured_store import PASSWORD, Door, a_door

pytestmark = pytest.mark.embedded
A_HANG_S = 60.0
NOT_KNOWN_YET = "document store: ServerSelectionTimeoutError"
"""The time was over before the connection said why it cannot be."""


@pytest_asyncio.fixture
async def door(stack: Stack, tmp_path: Path) -> AsyncIterator[Door]:
    async with a_door(tmp_path, stack.store.port) as door:
        yield door


async def refused(uri: str, **files: Any) -> str:
    """What an operator reads of it; the password stands nowhere in what led to it."""
    with closing(MongoStore(uri, "secured", time_limit=1.0, **files)) as store:
        async with asyncio.timeout(A_HANG_S):
            told = NOT_KNOWN_YET
            while told == NOT_KNOWN_YET:
                told = await _failing(store)
    return told


async def _failing(store: MongoStore) -> str:
    with pytest.raises(Unavailable) as told:
        await store.ping()
    at: BaseException | None = told.value
    while at is not None:
        assert PASSWORD not in f"{at!r} {at}"
        at = at.__cause__ or at.__context__
    return str(told.value)


async def test_what_is_kept_over_tls_is_found_again(door: Door) -> None:
    with closing(MongoStore(door.uri(), "secured", ca_file=door.ca_file)) as store:
        await store.upsert("things", "a", {"_id": "a", "n": 1})

        assert await store.get("things", "a") == {"_id": "a", "n": 1}


async def test_the_address_may_name_the_authority_itself(door: Door) -> None:
    with closing(MongoStore(door.uri(tls=f"tls=true&tlsCAFile={door.ca_file}"), "secured")) as store:
        await store.ping()


async def test_a_certificate_that_nobody_vouches_for_is_refused(door: Door) -> None:
    told = await refused(door.uri(), ca_file=door.stranger)

    assert told == (
        "document store: nobody we trust vouches for its certificate; REBILLING_MONGODB__CA_FILE names who signed it"
    )


async def test_so_is_it_where_no_authority_is_named(door: Door) -> None:
    assert "REBILLING_MONGODB__CA_FILE" in await refused(door.uri())


async def test_a_certificate_for_another_name_is_refused(door: Door) -> None:
    told = await refused(door.uri(host="localhost"), ca_file=door.ca_file)

    assert told == "document store: its certificate is for another name than the one in REBILLING_MONGODB__URI"


async def test_a_server_in_plain_text_is_refused(door: Door, stack: Stack) -> None:
    uri = door.uri().replace(f":{door.port}/", f":{stack.store.port}/")

    told = await refused(uri, ca_file=door.ca_file)

    assert "REBILLING_MONGODB__URI says tls=true" in told


@pytest.mark.parametrize("wrong", [{"password": "another"}, {"user": "stranger"}])
async def test_a_user_that_is_not_let_in_is_told_in_the_stores_own_word(door: Door, wrong: dict[str, str]) -> None:
    told = await refused(door.uri(**wrong), ca_file=door.ca_file)

    assert told == "document store: error 18 AuthenticationFailed"


async def test_nobody_without_a_name_may_do_anything(door: Door) -> None:
    told = await refused(f"mongodb://{LOOPBACK}:{door.port}/?tls=true", ca_file=door.ca_file)

    assert told == "document store: error 13 Unauthorized"


async def test_a_store_that_asks_for_certificates_sees_ours_and_refuses_who_has_none(
    stack: Stack, tmp_path: Path
) -> None:
    async with a_door(tmp_path, stack.store.port, asks_for_certificates=True) as door:
        with closing(
            MongoStore(door.uri(), "secured", ca_file=door.ca_file, certificate_file=door.certificate_file)
        ) as store:
            await store.ping()

        with closing(MongoStore(door.uri(), "secured", time_limit=1.0, ca_file=door.ca_file)) as store:
            await _failing(store)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("a:1: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "CERTIFICATE_FILE"),
        ("a:1: [SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)", "CERTIFICATE_FILE"),
        ("SSL handshake failed: a:1: [SSL: WRONG_VERSION_NUMBER] wrong version number", "URI says tls=true"),
        (
            "a:1: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch",
            "REBILLING_MONGODB__URI",
        ),
    ],
)
def test_what_openssl_says_of_it_names_a_setting(text: str, setting: str) -> None:
    assert setting in why(ServerSelectionTimeoutError(text))


def test_what_nobody_here_can_do_anything_about_is_told_by_its_kind() -> None:
    assert why(ServerSelectionTimeoutError("a:1: [Errno 111] Connection refused")) == "ServerSelectionTimeoutError"
