"""What does not prove itself over its raw bytes is refused and leaves no trace."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from psa_sync_svc.domain.integration import Integration

from .sending import at, event, everything, linked, problems, sealed_by, secret_of, signed


def test_signatures_are_what_openssl_makes_of_the_same_bytes() -> None:
    body = (
        rb'{"Action":"Update","EntityType":"Account","Id":4711,"Fields":{"companyName":"\u00D8rsted \u0026 S\u00F8n"},'
        rb'"EventTime":"2026-11-24T01:00:00Z","SequenceNumber":7}'
    )
    called = (
        b'{"MessageId":"m-1","CompanyId":"harbour","Action":"updated","Type":"company","ID":4711,"Entity":"{}",'
        b'"Metadata":{"key_url":"https://api-na.myconnectwise.net/v2025_1/apis/3.0/keys/1"}}'
    )

    assert signed("a-secret-of-the-hook", body)["X-Hook-Signature"] == "sha1=t7Ivh7MwaMmjOwuJD039aGlyy9Q="
    assert sealed_by("signing-key-1", called)["x-content-signature"] == "vcmafQU8CZOaBc6zBBFWs9D3f2IoHWCZ+WAa5y13mqQ="


Wrong = Callable[[str, bytes], tuple[bytes, Any]]


WRONG: dict[str, Wrong] = {
    "no signature": lambda _, body: (body, {}),
    "another secret": lambda _, body: (body, signed("another secret", body)),
    "an empty secret": lambda _, body: (body, signed("", body)),
    "another body": lambda secret, body: (body.replace(b"4711", b"4712"), signed(secret, body)),
    "the same, written anew": lambda secret, body: (json.dumps(json.loads(body)).encode() + b" ", signed(secret, body)),
    "without its name": lambda secret, body: (body, {"X-Hook-Signature": signed(secret, body)["X-Hook-Signature"][5:]}),
    "of another algorithm": lambda secret, body: (
        body,
        {"X-Hook-Signature": "sha256=" + b64encode(hmac.digest(secret.encode(), body, sha256)).decode()},
    ),
    "twice": lambda secret, body: (body, [*signed(secret, body).items(), *signed(secret, body).items()]),
    "letters of any kind": lambda _, body: (body, {"X-Hook-Signature": "sha1=ø".encode()}),
    "of another vendor": lambda secret, body: (body, sealed_by(secret, body)),
    "a bearer's": lambda secret, body: (body, {"Authorization": f"Bearer {secret}"}),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_signature_is_refused_and_leaves_no_trace(
    http: httpx.AsyncClient, service: Any, autotask: Integration, wrong: Wrong
) -> None:
    secret = await secret_of(http, autotask)
    await linked(service, autotask)
    before = await everything(service)
    body, headers = wrong(secret, event())

    answer = await http.post(at(autotask), content=body, headers=headers)

    assert (answer.status_code, problems(answer)) == (401, ["NOT_PROVED"])
    assert await everything(service) == before


async def test_an_integration_that_there_is_not_answers_as_a_wrong_signature_does(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    await secret_of(http, autotask)
    without = await service.integrated()
    deleted = await service.integrated()
    secret = await secret_of(http, deleted)
    await service.removed(deleted)
    body = event()
    headers = signed(secret, body)

    answers = [
        await http.post(f"/v1/webhooks/{id}", content=body, headers=headers)
        for id in (autotask.integration_id, without.integration_id, deleted.integration_id, str(uuid4()), "no id")
    ]

    told = [{**answer.json(), "correlation_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert all(each == told[0] for each in told)
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


async def test_a_signed_body_that_cannot_be_read_is_refused_as_that(
    http: httpx.AsyncClient, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)

    for body in (b"{", b"[]", b"[" * 100_000, b"\xff"):
        answer = await http.post(at(autotask), content=body, headers=signed(secret, body))
        assert (answer.status_code, problems(answer)) == (400, ["MALFORMED"])


async def test_a_body_that_is_too_large_is_not_looked_at(http: httpx.AsyncClient, autotask: Integration) -> None:
    secret, body = await secret_of(http, autotask), event(Fields={"x": "y" * 300_000})

    answer = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert answer.status_code == 413
