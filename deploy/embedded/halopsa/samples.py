"""The companies of the invented MSP as HaloPSA has them: a client, and a site with the phone and the address."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from embedded.halopsa.countries import NAMES
from embedded.halopsa.fields import new_client, new_site
from embedded.halopsa.times import written
from embedded.simulated.samples import OWN, Sample, sample

FIRST_ID: Final = 41
FIRST_SITE_ID: Final = 63
_OWN_ID, _OWN_SITE_ID = 1, 1
_BEGAN: Final = datetime(2024, 3, 4, 9, 30, 15, 563000, tzinfo=UTC)


def clients(count: int) -> Iterator[dict[str, Any]]:
    """The MSP's own company, and `count` others in the order of their ids, always the same. One in eight has a second
    site, which is older than its main one."""
    yield _row(_OWN_ID, _OWN_SITE_ID, OWN)
    for order in range(count):
        yield _row(FIRST_ID + 2 * order, FIRST_SITE_ID + 3 * order, sample(order), order)


def _row(number: int, site: int, given: Sample, order: int = 0) -> dict[str, Any]:
    name, phone, line1, line2, city, region, postcode, country = given
    stamp = written(_BEGAN + timedelta(hours=order))
    lines = {"line1": line1, "line2": line2, "line3": city, "line4": region, "postcode": postcode}
    place = {"country_code": country, "country_code_name": NAMES[country]}
    main = new_site(site + 1, number, stamp) | place | {"phonenumber": phone}
    main["delivery_address"] |= lines
    older = [new_site(site, number, stamp) | {"name": "Warehouse"}] if order % 8 == 7 else []
    return new_client(number, stamp) | {
        "name": name,
        "ref": "" if order % 3 else f"NW-{1000 + order}",
        "inactive": "(closed)" in name,
        "main_site_id": site + 1,
        "sites": [*older, main],
    }
