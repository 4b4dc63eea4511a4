import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from joserfc.jwk import ECKey, OctKey

from shared.engine.errors import Unavailable
from shared.web import jwks_address
from shared.web.jwks import FileKeys, KeySet
from shared.web.jwks_address import AddressKeys


def _set(*keys: Any) -> str:
    return json.dumps({"keys": list(keys)})


def _public(kid: str) -> dict[str, Any]:
    return dict(ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False))


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.write_text(text)


class Issuer:
    """An address that answers as it is told, and counts."""

    def __init__(self, *kids: str) -> None:
        self.text, self.status, self.asked = _set(*map(_public, kids)), 200, 0
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(self.status, text=self.text, headers={"Location": "https://evil.example/"})


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass for the reader of an address."""
    now = [1000.0]
    monkeypatch.setattr(jwks_address, "monotonic", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def test_secret_and_unknown_keys_are_left_out() -> None:
    secret = OctKey.generate_key(256, {"kid": "secret"}).as_dict()
    encrypting = _public("enc") | {"use": "enc"}

    keys = KeySet(
        _set(secret, encrypting, {"kty": "new", "kid": "n"}, {"kty": "EC"}, 7, None, _public("good")).encode()
    )

    assert len(keys) == 1
    assert keys.find("secret") is None
    assert keys.find("good") is not None


def test_without_an_id_only_a_single_key_is_meant() -> None:
    assert KeySet(_set(_public("a")).encode()).find(None) is not None
    assert KeySet(_set(_public("a"), _public("b")).encode()).find(None) is None


async def test_a_changed_file_is_read_again(jwks_file: Path) -> None:
    keys = FileKeys(jwks_file)
    assert await keys.find("key-1") is not None

    fresh = jwks_file.with_suffix(".new")
    fresh.write_text(_set(_public("key-2")))
    fresh.replace(jwks_file)

    assert await keys.find("key-1") is None
    assert await keys.find("key-2") is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"keys": 7}', "null", "é"])
async def test_a_file_that_cannot_be_read_leaves_the_keys_of_before(jwks_file: Path, text: str) -> None:
    keys = FileKeys(jwks_file)
    await keys.find("key-1")

    _write(jwks_file, text)
    assert await keys.find("key-1") is not None
    _write(jwks_file, None)
    assert await keys.find("key-1") is not None


async def test_an_address_is_asked_once(later: Callable[[float], None]) -> None:
    issuer = Issuer("a")
    keys = AddressKeys("https://issuer.example/jwks", transport=issuer.transport)

    assert [await keys.find("a") for _ in range(3)]
    assert issuer.asked == 1


async def test_an_unknown_key_is_asked_for_at_most_once_a_minute(later: Callable[[float], None]) -> None:
    issuer = Issuer("a")
    keys = AddressKeys("https://issuer.example/jwks", transport=issuer.transport)
    await keys.find("a")
    issuer.text = _set(_public("b"))

    for _ in range(50):
        assert await keys.find("b") is None
    assert issuer.asked == 1
    later(61)
    assert await keys.find("b") is not None
    assert issuer.asked == 2


async def test_a_withdrawn_key_is_forgotten_within_the_hour(later: Callable[[float], None]) -> None:
    issuer = Issuer("a")
    keys = AddressKeys("https://issuer.example/jwks", transport=issuer.transport)
    await keys.find("a")
    issuer.text = _set(_public("b"))

    later(3601)
    assert await keys.find("a") is None


@pytest.mark.parametrize(("status", "text"), [(500, ""), (302, ""), (200, "<html>"), (200, "x" * 2_000_000)])
async def test_an_address_that_answers_wrongly_leaves_the_keys_of_before(
    later: Callable[[float], None], status: int, text: str
) -> None:
    issuer = Issuer("a")
    keys = AddressKeys("https://issuer.example/jwks", transport=issuer.transport)
    await keys.find("a")
    issuer.status, issuer.text = status, text

    later(3601)
    assert await keys.find("a") is not None
    assert issuer.asked == 2


async def test_an_address_that_never_answered_is_a_trouble_of_ours(later: Callable[[float], None]) -> None:
    issuer = Issuer("a")
    issuer.status = 503
    keys = AddressKeys("https://issuer.example/jwks", transport=issuer.transport)

    for _ in range(3):
        with pytest.raises(Unavailable):
            await keys.find("a")
    assert issuer.asked == 1

    issuer.status = 200
    later(6)
    assert await keys.find("a") is not None


async def test_a_file_that_is_away_is_complained_of_once(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "keys.json")

    with structlog.testing.capture_logs() as lines:
        for _ in range(5):
            with pytest.raises(Unavailable):
                await keys.find("key-1")

    assert [line["event"] for line in lines] == ["the JWKS file cannot be read"]
