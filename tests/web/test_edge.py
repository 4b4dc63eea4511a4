import httpx
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from shared.telemetry import metrics

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_correlation_id_goes_in_and_comes_out(client: httpx.AsyncClient) -> None:
    headers = {"X-Correlation-Id": "chain-7", "traceparent": TRACE}
    answer = await client.post("/v1/customers", json={"company_name": "x"}, headers=headers)

    assert answer.headers["x-correlation-id"] == "chain-7"
    assert answer.json()["meta"]["correlation_id"] == "chain-7"
    assert answer.json()["meta"]["traceparent"] == TRACE


@pytest.mark.parametrize("given", ["", "a b", "x" * 101, "é", "a\tb"])
async def test_one_that_cannot_be_used_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    headers = {"X-Correlation-Id": given.encode(), "traceparent": b"nonsense"}
    answer = await client.post("/v1/customers", json={"company_name": "x"}, headers=headers)  # type: ignore[arg-type]

    assert len(answer.headers["x-correlation-id"]) == 36
    assert answer.json()["meta"]["traceparent"] is None


@pytest.mark.parametrize("path", ["/v1/customers", "/nothing", "/healthz", "/openapi.json"])
async def test_every_answer_is_safe_to_show(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "server" not in headers


async def test_a_line_per_request_names_the_route_and_nobody(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await client.get("/v1/customers/ann@example.org", params={"search": "Ann"}, headers={"X-Correlation-Id": "c"})

    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["method"] == "GET"
    assert line["route"] == "/v1/customers/{customer_id}"
    assert line["status"] == 200
    assert line["correlation_id"] == "c"
    assert line["partner_id"] == "p-1"
    assert "ann" not in str(lines).lower()


async def test_health_is_asked_quietly(http: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        await http.get("/healthz")

    assert [line["log_level"] for line in lines] == ["debug"]


async def test_requests_are_counted_by_template(client: httpx.AsyncClient) -> None:
    for path in ("/v1/customers/1", "/v1/customers/2", "/made/up/1", "/made/up/2"):
        await client.get(path)
    await client.request("BREW", "/v1/customers")

    families = text_string_to_metric_families(metrics.exposition().decode())
    labels = [s.labels for family in families for s in family.samples if s.name == "rebilling_http_requests_total"]
    assert {"method": "GET", "route": "/v1/customers/{customer_id}", "status": "200"} in labels
    assert {"method": "GET", "route": "unmatched", "status": "404"} in labels
    assert {"method": "OTHER", "route": "/v1/customers", "status": "405"} in labels
    assert not [each for each in labels if "made" in each["route"]]
