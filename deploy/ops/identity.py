"""Who the sample partner is and which keys its system signs and encrypts with; kept in the data directory."""

import base64
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM: Final = "ES256"
ISSUER: Final = "https://embedded.rebilling.invalid"
AUDIENCE: Final = "rebilling"
_VALID: Final = timedelta(days=30)
_SUBJECT: Final = "rebilling-up"


@dataclass(frozen=True)
class Identity:
    """The keys of one embedded system. Whoever can read its directory can sign tokens: it is for one machine."""

    partner_id: str
    encryption_key: str
    home: Path

    @property
    def jwks_file(self) -> Path:
        return self.home / "jwks.json"

    def token(self, partner_id: str) -> str:
        """A bearer token of this partner, valid for 30 days."""
        key = ECKey.import_key(json.loads((self.home / "signing-key.json").read_text()))
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": _SUBJECT,
            "partner_id": partner_id,
            "iat": now,
            "exp": now + int(_VALID.total_seconds()),
        }
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


def identity_in(data_dir: Path) -> Identity:
    """The one of this directory, made at its first start."""
    home = data_dir / "identity"
    home.mkdir(mode=0o700, exist_ok=True)
    signing_key = _kept(home / "signing-key.json", _new_signing_key)
    _kept(home / "jwks.json", lambda: json.dumps({"keys": [_public(signing_key)]}))
    return Identity(
        partner_id=_kept(home / "partner-id", lambda: str(uuid.uuid4())),
        encryption_key=_kept(home / "encryption-key", lambda: base64.urlsafe_b64encode(os.urandom(32)).decode()),
        home=home,
    )


def _public(signing_key: str) -> dict[str, Any]:
    return dict(ECKey.import_key(json.loads(signing_key)).as_dict(private=False))


def _new_signing_key() -> str:
    key = ECKey.generate_key("P-256", {"kid": str(uuid.uuid4()), "use": "sig", "alg": ALGORITHM})
    return json.dumps(key.as_dict(private=True))


def _kept(file: Path, make: Callable[[], str]) -> str:
    """What the file holds; made once, whole, and readable for its owner only."""
    if not file.exists():
        scratch = file.with_suffix(".new")
        scratch.touch(mode=0o600)
        scratch.write_text(make() + "\n")
        scratch.replace(file)
    return file.read_text().strip()


def main() -> None:
    """`python -m ops.identity DIRECTORY [PARTNER_ID]`: the identity of a system that is started otherwise, made at the
    first call; prints the sample partner's id, or a token for the partner that is named."""
    identity = identity_in(Path(sys.argv[1]))
    print(identity.token(sys.argv[2]) if sys.argv[2:] else identity.partner_id)


if __name__ == "__main__":
    main()
