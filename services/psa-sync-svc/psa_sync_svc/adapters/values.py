"""Texts, times and ids as PSAs write them, read in one way for all of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from psa_sync_svc.adapters.reply import foreign
from shared.values.country import country_code
from shared.values.errors import InvalidValue

_LARGEST_ID: Final = 2**63 - 1
_LONGEST_SEARCH: Final = 100


def number_of(account_id: str) -> int | None:
    """The id as the PSA has it; None for what is not written as one, so that no account has two names."""
    if not (account_id.isascii() and account_id.isdecimal() and len(account_id) <= 19):
        return None
    number = int(account_id)
    return number if str(number) == account_id and number <= _LARGEST_ID else None


def searched(text: str) -> str:
    """What a person looks for, as it can be asked for: on one line, of at most 100 letters, without half a one."""
    return " ".join(text.encode(errors="replace").decode().split())[:_LONGEST_SEARCH].strip()


def id_in(record: Any, psa: str) -> int:
    """Raises `Permanent` for what is no record."""
    number = record.get("id") if isinstance(record, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise foreign(psa)
    return number


def text_in(record: Mapping[str, Any], name: str, psa: str) -> str | None:
    """Empty and null come without a system; both are None. Raises `Permanent` for what is no text."""
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise foreign(psa)
    return value if value and value.strip() else None


def time_of(given: Any) -> str | None:
    """UTC, often without saying so, with any number of digits; answered in RFC 3339 with six."""
    try:
        moment = datetime.fromisoformat(given)
    except (ValueError, TypeError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def earlier(moment: str, overlap_s: float) -> datetime:
    """So much before it: changes are stamped out of order there. Raises `ValueError`."""
    since = datetime.fromisoformat(moment).astimezone(UTC).timestamp() - overlap_s
    return datetime.fromtimestamp(since, UTC)


def country_named(written: Iterable[Any]) -> str:
    """ISO 3166 alpha-2 by the first code or name that is one; else the last that is there, as the PSA writes it."""
    texts = [text.strip() for text in written if isinstance(text, str) and text.strip()]
    for text in texts:
        try:
            return country_code(text)
        except InvalidValue:
            continue
    return texts[-1] if texts else ""
