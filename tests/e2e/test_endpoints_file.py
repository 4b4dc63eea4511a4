"""The endpoints file, by which every script knows a running system."""

import stat

import httpx
import pytest

from ops.system import SERVICES, SIMULATORS
from tests.e2e.conftest import System

pytestmark = pytest.mark.embedded


def test_the_endpoints_file_says_where_everything_is_and_only_its_owner_may_read_it(system: System) -> None:
    found = system.endpoints

    assert stat.S_IMODE(system.file.stat().st_mode) == 0o600
    assert set(found["instances"]) == set(SERVICES)
    for service, instances in found["instances"].items():
        assert found[service.replace("-", "_")] == instances[0]["url"]
        assert len({instance["url"] for instance in instances}) == len({each["pid"] for each in instances}) == 2
        for instance in instances:
            assert httpx.get(f"{instance['url']}/readyz").status_code == 200
    assert {"kafka", "store", "mail", *SIMULATORS} <= found["pids"].keys()
    assert found["mongodb"].startswith("mongodb://127.0.0.1:")
    assert httpx.get(f"{found['mail']}/messages").json() == []
    own = {"Authorization": f"Bearer {found['token']}"}
    assert httpx.get(f"{found['customer_svc']}/v1/customers", headers=own).json() == {"items": [], "next": None}
    assert httpx.get(f"{found['invoice_svc']}/v1/settings", headers=own).json()["partner_id"] == found["partner_id"]
