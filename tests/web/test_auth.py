import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.engine.errors import Unavailable
from shared.settings import AuthSettings
from shared.web.auth import Authenticator, Principal
from shared.web.jwks import KeySet
from shared.web.problems import Unauthenticated

Mint = Callable[..., str]


@pytest.fixture
def authenticator(settings: AuthSettings) -> Authenticator:
    return Authenticator(settings)


def _b64(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _publish(jwks_file: Path, *keys: ECKey | RSAKey) -> None:
    jwks_file.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))


async def test_a_good_token_names_partner_and_user(authenticator: Authenticator, mint: Mint) -> None:
    found = await authenticator.check(mint(partner_id="p-1", sub="ann"))

    assert found == Principal("p-1", "ann")
    assert found.actor == "user:ann"


async def test_one_of_several_audiences_will_do(authenticator: Authenticator, mint: Mint) -> None:
    assert await authenticator.check(mint(aud=["other", "rebilling"]))


async def test_clocks_may_be_apart_by_the_leeway(authenticator: Authenticator, mint: Mint) -> None:
    now = int(time.time())

    assert await authenticator.check(mint(exp=now - 2, nbf=now + 2, iat=now + 2))


async def test_a_token_without_key_id_is_checked_with_the_only_key(authenticator: Authenticator, key: ECKey) -> None:
    claims = {"iss": "https://issuer.example", "aud": "rebilling", "sub": "a", "partner_id": "p", "exp": 9e9}
    token = jwt.encode({"alg": "ES256"}, claims, ECKey.import_key(key.as_dict(private=True)), ["ES256"])

    assert await authenticator.check(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1},
        {"exp": -(10**400)},
        {"nbf": 9e9},
        {"iat": 9e9},
        {"iss": None},
        {"iss": "https://other.example"},
        {"iss": ["https://issuer.example"]},
        {"aud": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\nb"},
        {"sub": "a" * 201},
        {"partner_id": None},
        {"partner_id": ""},
        {"partner_id": 7},
        {"partner_id": ["p-1"]},
        {"partner_id": {"$ne": ""}},
        {"partner_id": "p" * 101},
        {"partner_id": "p|/customer-svc"},
        {"partner_id": "p\x00"},
    ],
    ids=str,
)
async def test_a_claim_that_does_not_fit_is_not_believed(
    authenticator: Authenticator, mint: Mint, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator.check(mint(**claims))


async def test_an_unsigned_token_is_not_believed(authenticator: Authenticator, mint: Mint) -> None:
    _, claims, signature = mint().split(".")

    for alg in ("none", "None", "NONE", "nOnE", None, 7):
        head = _b64({"alg": alg, "kid": "key-1"})
        for forged in (f"{head}.{claims}.", f"{head}.{claims}.{signature}", f"{head}.{claims}"):
            with pytest.raises(Unauthenticated):
                await authenticator.check(forged)


async def test_the_public_key_is_no_shared_secret(authenticator: Authenticator, mint: Mint, key: ECKey) -> None:
    _, claims, _ = mint().split(".")
    signed = f"{_b64({'alg': 'HS256', 'kid': 'key-1'})}.{claims}"
    for secret in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode(), b""):
        forged = f"{signed}.{_b64(hmac.digest(secret, signed.encode(), 'sha256'))}"
        with pytest.raises(Unauthenticated):
            await authenticator.check(forged)


async def test_another_key_under_the_known_id_is_not_believed(authenticator: Authenticator, mint: Mint) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator.check(mint(sign_with=ECKey.generate_key("P-256")))


async def test_a_key_that_comes_with_the_token_is_not_believed(authenticator: Authenticator, mint: Mint) -> None:
    own = ECKey.generate_key("P-256")
    for header in ({"jwk": own.as_dict(private=False)}, {"jku": "https://evil.example/jwks"}, {"kid": "evil"}):
        with pytest.raises(Unauthenticated):
            await authenticator.check(mint(header, sign_with=own))


async def test_another_algorithm_of_the_same_issuer_is_not_believed(
    settings: AuthSettings, jwks_file: Path, key: ECKey, mint: Mint
) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
    _publish(jwks_file, key, rsa)

    with pytest.raises(Unauthenticated):
        await Authenticator(settings).check(mint({"alg": "RS256", "kid": "rsa"}, sign_with=rsa))


async def test_a_key_of_another_kind_under_the_named_id_is_not_believed(
    settings: AuthSettings, jwks_file: Path, mint: Mint
) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "key-1"})
    _publish(jwks_file, rsa)

    with pytest.raises(Unauthenticated):
        await Authenticator(settings).check(mint())


async def test_an_altered_claim_is_not_believed(authenticator: Authenticator, mint: Mint) -> None:
    head, _, signature = mint().split(".")
    claims = _b64({"iss": "https://issuer.example", "aud": "rebilling", "sub": "a", "partner_id": "p-2", "exp": 9e9})

    with pytest.raises(Unauthenticated):
        await authenticator.check(f"{head}.{claims}.{signature}")


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "é.b.c", "e30.e30.", "W10.e30.x", "bnVsbA.x.y", "a" * 9000, "[" * 3000, _b64(b"[" * 5000)],
    ids=lambda token: token[:12] or "empty",
)
async def test_what_is_no_token_is_refused_quietly(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator.check(token)


async def test_a_header_that_must_be_understood_and_is_not_ends_it(authenticator: Authenticator, mint: Mint) -> None:
    good = mint().split(".")
    head = _b64({"alg": "ES256", "kid": "key-1", "crit": ["exp"], "exp": 1})

    with pytest.raises(Unauthenticated):
        await authenticator.check(f"{head}.{good[1]}.{good[2]}")


async def test_keys_that_were_never_read_are_a_trouble_of_ours(settings: AuthSettings, mint: Mint) -> None:
    away = settings.model_copy(update={"jwks_file": Path("nowhere.json")})

    with pytest.raises(Unavailable):
        await Authenticator(away).check(mint())


async def test_without_a_token_one_is_asked_for(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/customers")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="rebilling"'
    assert answer.json()["errors"][0]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic YTpi", "Bearer x y", "Bearer x.y.z"])
async def test_what_is_no_bearer_token_gets_a_challenge(http: httpx.AsyncClient, value: str) -> None:
    answer = await http.get("/v1/customers", headers={"Authorization": value})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_two_tokens_are_none(http: httpx.AsyncClient, mint: Mint) -> None:
    both = [("Authorization", f"Bearer {mint()}"), ("Authorization", f"Bearer {mint(partner_id='p-2')}")]

    assert (await http.get("/v1/customers", headers=both)).status_code == 401


async def test_an_expired_token_is_told_apart(http: httpx.AsyncClient, mint: Mint) -> None:
    answer = await http.get("/v1/customers", headers={"Authorization": f"Bearer {mint(exp=1)}"})

    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


async def test_a_good_token_opens(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/customers")).status_code == 200


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", RSAKey.generate_key(2048, {"kid": "key-1"})),
        ("PS256", RSAKey.generate_key(2048, {"kid": "key-1"})),
        ("ES384", ECKey.generate_key("P-384", {"kid": "key-1"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "key-1"})),
    ],
)
async def test_each_algorithm_of_the_settings_works(
    settings: AuthSettings, jwks_file: Path, mint: Mint, algorithm: str, key: Any
) -> None:
    _publish(jwks_file, key)

    other = Authenticator(settings.model_copy(update={"algorithm": algorithm}))

    assert await other.check(mint({"alg": algorithm}, sign_with=key))


@given(token=st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: f"{_b64(raw)}.{_b64(raw)}.{_b64(raw)}"))
def test_whatever_comes_as_a_token_is_answered_and_never_believed(token: str) -> None:
    keys = KeySet(json.dumps({"keys": [ECKey.generate_key("P-256", {"kid": "k"}).as_dict(private=False)]}).encode())

    class Known:
        async def find(self, kid: str | None) -> Any:
            return keys.find(kid)

    settings = AuthSettings(issuer="i", audience="a", algorithm="ES256", jwks_file=Path("unused"))
    with pytest.raises(Unauthenticated):
        asyncio.run(Authenticator(settings, Known()).check(token))
