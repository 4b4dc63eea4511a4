"""Who asks: a bearer token, checked against one fixed algorithm, issuer and audience, becomes a partner and a user."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jws import JWSRegistry

from shared.contracts.forms import is_partner_id
from shared.settings import AuthSettings
from shared.web.jwks import FileKeys, Keys
from shared.web.jwks_address import AddressKeys
from shared.web.problems import Unauthenticated

_LONGEST: Final = 8 * 1024
_SUBJECT: Final = 200
_NOT_BELIEVED: Final = "the token is not valid here; ask the issuer for a new one"

documented: Final = HTTPBearer(auto_error=False, bearerFormat="JWT", description="a JWT with the claim `partner_id`")
"""Declares the scheme in the OpenAPI document; the checking is ours."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a partner sees nothing of another's. `subject` is the token's `sub`, an opaque id."""

    partner_id: str
    subject: str

    @property
    def actor(self) -> str:
        return f"user:{self.subject}"


class Authenticator:
    """Checks tokens. `keys` are the issuer's; nothing of what a token says about keys or algorithms is believed."""

    def __init__(self, settings: AuthSettings, keys: Keys | None = None) -> None:
        self._algorithm = settings.algorithm
        self._keys = keys or _keys_of(settings)
        self._registry = JWSRegistry(algorithms=[settings.algorithm], strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=settings.leeway_s,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def check(self, token: str) -> Principal:
        """Raises `Unauthenticated`; `Unavailable` where the issuer's keys cannot be had."""
        key = await self._keys.find(_key_id(token, self._algorithm))
        if key is None:
            raise Unauthenticated("the token is signed with a key that is not the issuer's")
        try:
            claims = jwt.decode(token, key, [self._algorithm], self._registry).claims
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("the token has expired; ask the issuer for a new one") from None
        except (JoseError, ValueError, TypeError, RecursionError, OverflowError):
            raise Unauthenticated(_NOT_BELIEVED) from None
        return _principal(claims)


def _keys_of(settings: AuthSettings) -> Keys:
    return FileKeys(settings.jwks_file) if settings.jwks_file is not None else AddressKeys(settings.jwks_url or "")


def _key_id(token: str, algorithm: str) -> str | None:
    """The `kid` of the header, which only chooses among the issuer's keys. Another algorithm ends it here."""
    try:
        if len(token) > _LONGEST:
            raise ValueError("longer than any token of ours")
        head = token.split(".", 1)[0]
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        if header["alg"] != algorithm:
            raise ValueError("another algorithm")
        kid = header.get("kid")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unauthenticated(_NOT_BELIEVED) from None
    if kid is not None and not isinstance(kid, str):
        raise Unauthenticated(_NOT_BELIEVED)
    return kid


def _principal(claims: dict[str, Any]) -> Principal:
    partner_id, subject = claims.get("partner_id"), claims["sub"]
    if not is_partner_id(partner_id):
        raise Unauthenticated("the token names no partner: the claim partner_id must have 1 to 100 visible characters")
    if len(subject) > _SUBJECT or not subject.isprintable():
        raise Unauthenticated("the claim sub must have 1 to 200 printable characters")
    return Principal(str(partner_id), subject)


async def principal(request: Request, _scheme: Annotated[object, Depends(documented)]) -> Principal:
    """The FastAPI dependency of every route but /healthz, /readyz and /metrics."""
    given = request.headers.getlist("authorization")
    if not given:
        raise Unauthenticated("a bearer token is needed: Authorization: Bearer …", missing=True)
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("one bearer token is needed: Authorization: Bearer …")
    authenticator: Authenticator = request.app.state.authenticator
    found = await authenticator.check(token.strip())
    structlog.contextvars.bind_contextvars(partner_id=found.partner_id)
    return found


Caller = Annotated[Principal, Depends(principal)]
"""`async def list_customers(caller: Caller)`."""
