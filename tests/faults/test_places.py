"""No place that the code names is left out: the long form kills at each of them."""

import re
from pathlib import Path

from tests.faults.outages import FAILPOINTS, OTHER_SIDE, STOPS
from tests.faults.running import SERVICES

_ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r'failpoint\(\s*"([a-z-]+)"')
EVERYWHERE = {"after-save", "after-publish", "before-clear", "before-commit"}
"""Of the engine, so each service has them."""

ELSEWHERE = {"bulk-asked"}
"""Bulk imports are not in the stream; tests/component/test_bulk_import_killed.py has a service die there."""


def test_a_service_dies_at_each_place_that_the_code_names() -> None:
    files = [*_ROOT.glob("shared/**/*.py"), *_ROOT.glob("services/*/*_svc/**/*.py")]
    named = {place for file in files for place in _NAMED.findall(file.read_text())}

    assert named > EVERYWHERE
    assert {place for place, _ in FAILPOINTS + OTHER_SIDE} == named - ELSEWHERE


def test_each_service_dies_at_each_place_of_the_engine() -> None:
    assert {(place, of) for place, of in FAILPOINTS + OTHER_SIDE if place in EVERYWHERE} == {
        (place, service) for place in EVERYWHERE for service in SERVICES
    }


def test_an_instance_of_each_service_is_stopped_past_its_lease() -> None:
    assert {service for _, service in STOPS} == set(SERVICES)
