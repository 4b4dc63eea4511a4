"""Credentials at rest: readable with the key, by their own integration, and by nobody else."""

import os
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode

import pytest
from pydantic import ValidationError

from psa_sync_svc.adapters.vault import KeyVault
from psa_sync_svc.domain.integration import Sealed
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.workers.vault import CannotUnseal, Owner

OWNER = Owner("harbour-it", "i1")
SECRETS = {"username": "api@harbour.example", "secret": "grüße & \U0001f511", "integration_code": "X"}
OLD, NEW = os.urandom(32), os.urandom(32)


def test_what_is_sealed_is_opened_again_and_no_two_seals_are_alike() -> None:
    vault = KeyVault(OLD)

    one, two = vault.seal(OWNER, SECRETS), vault.seal(OWNER, SECRETS)

    assert vault.unseal(OWNER, one) == SECRETS
    assert one.text != two.text
    assert "secret" not in repr(one)
    assert one.text not in repr(one)
    assert b"harbour" not in urlsafe_b64decode(one.text)


@pytest.mark.parametrize("other", [Owner("harbour-it", "i2"), Owner("tide-telecom", "i1")])
def test_another_owner_cannot_use_them(other: Owner) -> None:
    vault = KeyVault(OLD)

    with pytest.raises(CannotUnseal):
        vault.unseal(other, vault.seal(OWNER, SECRETS))


def test_a_single_changed_bit_is_noticed() -> None:
    vault = KeyVault(OLD)
    sealed = vault.seal(OWNER, SECRETS)
    raw = bytearray(urlsafe_b64decode(sealed.text))
    raw[len(raw) // 2] ^= 1

    with pytest.raises(CannotUnseal):
        vault.unseal(OWNER, Sealed(sealed.key_id, urlsafe_b64encode(raw).decode()))


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before, after = KeyVault(OLD), KeyVault(NEW, OLD)
    sealed = before.seal(OWNER, SECRETS)

    assert after.unseal(OWNER, sealed) == SECRETS
    assert not after.is_newest(sealed)
    again = after.seal(OWNER, SECRETS)
    assert after.is_newest(again)
    with pytest.raises(CannotUnseal):
        before.unseal(OWNER, again)


def test_a_fingerprint_tells_bodies_apart_and_needs_the_key() -> None:
    vault = KeyVault(OLD)

    assert vault.fingerprint(b"a") == vault.fingerprint(b"a") != vault.fingerprint(b"b")
    assert vault.fingerprint(b"a") != KeyVault(NEW).fingerprint(b"a")


def test_a_fingerprint_outlasts_the_coming_of_a_new_key() -> None:
    """Else a request that is repeated meanwhile would be taken for another one."""
    assert KeyVault(NEW, OLD).fingerprint(b"a") == KeyVault(OLD).fingerprint(b"a")


def test_the_setting_takes_keys_in_either_alphabet_newest_first() -> None:
    key = bytes(range(224, 256))
    given = f"{urlsafe_b64encode(key).decode()}, {b64encode(OLD).decode().rstrip('=')}"

    assert PsaSettings(encryption_key=given).keys == (key, OLD)


@pytest.mark.parametrize("wrong", ["", "short", "A" * 44 + ",", "ä" * 43])
def test_a_setting_that_is_no_key_is_refused_without_showing_it(wrong: str) -> None:
    with pytest.raises(ValidationError) as error:
        PsaSettings(encryption_key=wrong)

    assert not wrong or wrong not in str(error.value)
