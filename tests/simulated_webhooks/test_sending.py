"""How the simulated PSAs send webhooks: as their vendors write them, in order, again where it fails, not for ever."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha1, sha256
from typing import Any

import pytest

from embedded.autotask import webhooks as autotask
from embedded.autotask.samples import companies
from embedded.connectwise import webhooks as connectwise
from embedded.connectwise.samples import companies as connectwise_companies
from embedded.halopsa import webhooks as halopsa
from embedded.simulated import webhooks
from embedded.simulated.webhooks import BY_THE_API, Happened, Sender, Sent, Target

TARGET = Target(
    url="https://rebilling.example/v1/webhooks/i", secret="the-secret", stopped_url="https://x.example/stop"
)


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was sent; `answers` are the statuses, the last of them again and again."""

    class Posted(list[Sent]):
        answers: list[int]

    found = Posted()
    found.answers = [200]

    async def post(sent: Sent) -> int:
        found.append(sent)
        return found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]

    monkeypatch.setattr(webhooks, "_post", post)
    return found


async def settled(sender: Sender) -> None:
    if sender._task is not None:
        await sender._task


def pointed(write: Callable[[Happened, Target], Sent] = autotask.written, **more: Any) -> Sender:
    sender = Sender(write, autotask.stopped)
    sender.point(TARGET.model_copy(update={"retry_s": 0.0, **more}), "http://127.0.0.1:1")
    return sender


def a_row(**fields: Any) -> dict[str, Any]:
    return next(companies(0)) | fields


def test_autotask_writes_what_is_no_plain_ascii_as_dotnet_does() -> None:
    text = "Ø & <b> 'x' + `y` \"z\" \\ \n é 🥐 \u007f"

    written = autotask.dotnet_json({"n": text})

    assert written == (
        b'{"n":"\\u00D8 \\u0026 \\u003Cb\\u003E \\u0027x\\u0027 \\u002B \\u0060y\\u0060 \\u0022z\\u0022 \\\\ \\n '
        b'\\u00E9 \\uD83E\\uDD50 \\u007F"}'
    )
    assert json.loads(written) == {"n": text}


def test_autotask_signs_the_bytes_that_it_sends_and_tells_what_changed() -> None:
    before, row = a_row(companyName="Old"), a_row(companyName="Ørsted & Søn")

    sent = autotask.written(Happened(0, before, row, 7, ""), TARGET)

    right = b64encode(hmac.digest(b"the-secret", sent.body, sha1)).decode()
    event = json.loads(sent.body)
    assert sent.headers["X-Hook-Signature"] == f"sha1={right}"
    assert (event["Action"], event["EntityType"], event["Id"], event["SequenceNumber"]) == ("Update", "Account", 0, 7)
    assert event["Fields"] == {"companyName": "Ørsted & Søn"}


def test_connectwise_signs_under_a_key_that_it_names_and_adds_to_the_address() -> None:
    row = next(connectwise_companies(1))

    sent = connectwise.written(Happened(row["id"], None, row, 1, "http://127.0.0.1:1"), TARGET)

    event = json.loads(sent.body)
    right = hmac.digest(sha256(connectwise.KEY.encode()).digest(), sent.body, sha256)
    assert b64decode(sent.headers["x-content-signature"]) == right
    assert event["Metadata"]["key_url"] == "http://127.0.0.1:1/callback-keys/1"
    assert json.loads(event["Entity"])["id"] == row["id"]
    assert sent.url == f"{TARGET.url}?action=added&id={row['id']}"


def test_halo_sends_the_secret_as_a_password() -> None:
    sent = halopsa.written(Happened(12, None, {"id": 12}, 1, ""), TARGET)

    assert b64decode(sent.headers["Authorization"].removeprefix("Basic ")) == b"rebilling:the-secret"
    assert json.loads(sent.body)["client_id"] == 12


async def test_what_happened_is_sent_in_order_and_again_where_it_failed(posted: Any) -> None:
    posted.answers = [500, 0, 200]
    sender = pointed()

    for name in ("A", "B"):
        sender.changed(a_row(), a_row(companyName=name))
    await settled(sender)

    names = [json.loads(sent.body)["Fields"]["companyName"] for sent in posted]
    assert names == ["A", "A", "A", "B"]
    assert [each["statuses"] for each in sender.deliveries] == [[500, 0, 200], [200]]


async def test_after_five_attempts_it_is_dropped(posted: Any) -> None:
    posted.answers = [401]
    sender = pointed()

    sender.changed(a_row(), a_row(companyName="A"))
    await settled(sender)

    assert len(posted) == 5
    assert sender.failed == 1


async def test_after_enough_deliveries_in_a_row_that_failed_it_stops_and_says_so(posted: Any) -> None:
    posted.answers = [500]
    sender = pointed(strikes=2, attempts=1)

    for name in ("A", "B"):
        sender.changed(a_row(), a_row(companyName=name))
    await settled(sender)
    sender.changed(a_row(), a_row(companyName="C"))

    assert sender.active is False
    assert [sent.url for sent in posted] == [TARGET.url, TARGET.url, TARGET.stopped_url]
    assert json.loads(posted[-1].body)["Action"] == "Deactivated"


async def test_what_the_apis_user_changes_is_sent_only_where_that_is_wanted(posted: Any) -> None:
    quiet, loud = pointed(), pointed(own_changes=True)
    token = BY_THE_API.set(True)
    try:
        for sender in (quiet, loud):
            sender.changed(a_row(), a_row(companyName="A"))
    finally:
        BY_THE_API.reset(token)
    await settled(loud)

    assert (len(quiet.deliveries), len(loud.deliveries)) == (0, 1)


async def test_what_changes_nothing_is_not_sent(posted: Any) -> None:
    sender = pointed()

    sender.changed(a_row(), a_row())

    assert list(sender.deliveries) == []
