"""What a killed simulator still knows, and how one with many companies begins."""

from pathlib import Path
from typing import Any


def test_what_was_confirmed_survives_sigkill_and_so_does_the_zone(start: Any, tmp_path: Path) -> None:
    with start(tmp_path) as simulator:
        simulator.api("PATCH", "Companies", {"id": 29683600, "companyName": "Gdańsk Ø"})
        simulator.control.delete("/companies/29683607")
        simulator.control.put("/zone", json={"zone": "webservices15"})
        simulator.process.kill()
        simulator.process.wait(10)

    with start(tmp_path) as simulator:
        found = simulator.control.get("/companies").json()
        assert simulator.control.get("/healthz").json()["zone"] == "webservices15"
        assert (found[1]["id"], found[1]["companyName"]) == (29683600, "Gdańsk Ø")
        assert 29683607 not in [row["id"] for row in found]
        assert len(found) == 40


def test_an_id_is_never_used_again(start: Any, tmp_path: Path) -> None:
    new = {"companyName": "A", "companyType": 1, "ownerResourceID": 29682885, "phone": "1"}
    with start(tmp_path, accounts=0) as simulator:
        first = simulator.api("POST", "Companies", new).json()["itemId"]
        simulator.control.delete(f"/companies/{first}")

        assert simulator.api("POST", "Companies", new).json()["itemId"] == first + 1


def test_a_tenant_can_have_many_companies(start: Any, tmp_path: Path) -> None:
    with start(tmp_path, accounts=3_000) as simulator:
        assert simulator.control.get("/healthz").json()["companies"] == 3_001
        answer = simulator.query(MaxRecords=500)

        assert answer.json()["pageDetails"]["count"] == 500
        assert len({row["companyName"] for row in answer.json()["items"]}) == 500
