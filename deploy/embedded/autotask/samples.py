"""The companies of the invented tenant as Autotask has them: none has an e-mail address there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from embedded.autotask.countries import ID_OF
from embedded.autotask.fields import COMPANY
from embedded.autotask.times import written
from embedded.simulated.samples import OWN, Sample, sample

OWNERS: Final = {29682885: "Ines Okafor", 29682886: "Tom Brandt"}
FIRST_ID: Final = 29683600
_BEGAN: Final = datetime(2024, 3, 4, 9, 30, 15, 563000, tzinfo=UTC)


def companies(count: int) -> Iterator[dict[str, Any]]:
    """The MSP's own company with id 0, and `count` others in the order of their ids, always the same."""
    yield _row(0, OWN)
    for number in range(count):
        yield _row(FIRST_ID + 7 * number, sample(number), number)


def _row(number: int, given: Sample, order: int = 0) -> dict[str, Any]:
    name, phone, line1, line2, city, region, postcode, country = given
    made = written(_BEGAN + timedelta(hours=order, milliseconds=order * 37))
    return empty_row() | {
        "id": number,
        "companyName": name,
        "companyNumber": "" if order % 3 else f"NW-{1000 + order}",
        "companyType": 1,
        "ownerResourceID": next(iter(OWNERS)),
        "phone": phone,
        "address1": line1,
        "address2": line2,
        "city": city,
        "state": region,
        "postalCode": postcode,
        "countryID": ID_OF[country],
        "isActive": "(closed)" not in name,
        "isTaxExempt": False,
        "createDate": made,
        "lastActivityDate": made,
        "lastTrackedModifiedDateTime": made,
    }


def empty_row() -> dict[str, Any]:
    return dict.fromkeys(field.name for field in COMPANY)
