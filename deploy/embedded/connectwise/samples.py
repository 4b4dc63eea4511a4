"""The companies of the invented MSP as ConnectWise has them. A key without a value is mostly left out, and one company
was taken over with a year that today's rules refuse."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from embedded.connectwise.countries import ID_OF
from embedded.connectwise.times import written
from embedded.simulated.samples import OWN, Sample, sample

FIRST_ID: Final = 19300
LEGACY_ID: Final = FIRST_ID + 3 * 4
"""Whose stored year makes every change of it fail."""
_OWN_ID: Final = 2
_BEGAN: Final = datetime(2024, 3, 4, 9, 30, 15, tzinfo=UTC)


def companies(count: int) -> Iterator[dict[str, Any]]:
    """The MSP's own company, and `count` others in the order of their ids, always the same."""
    yield _row(_OWN_ID, OWN)
    for order in range(count):
        yield _row(FIRST_ID + 3 * order, sample(order), order)


def _row(number: int, given: Sample, order: int = 0) -> dict[str, Any]:
    name, phone, line1, line2, city, region, postcode, country = given
    texts = {"addressLine1": line1, "addressLine2": line2, "city": city, "state": region, "zip": postcode}
    row = {
        "id": number,
        "identifier": f"NW{number}",
        "name": name[:50],
        "status": {"id": 2 if "(closed)" in name else 1},
        "country": {"id": ID_OF[country]},
        "phoneNumber": phone,
        "accountNumber": "" if order % 3 else f"NW-{1000 + order}",
        "deletedFlag": False,
        "lastUpdated": written(_BEGAN + timedelta(hours=order)),
        **{key: text for key, text in texts.items() if text is not None},
    }
    return row | {"yearEstablished": 0} if number == LEGACY_ID else row
