"""What the services count and measure, for Prometheus: children are cached, so counting is one lock and one addition.

A consumer adds up a batch and tells it once. Labels are closed sets: a type nobody knows is counted as `unknown`."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call] # the library's; a series per counter that nobody reads
REGISTRY: Final = CollectorRegistry()
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES: Final = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)


def _counter(name: str, told: str, *labels: str) -> Counter:
    return Counter(f"rebilling_{name}", told, labels, registry=REGISTRY)


def _gauge(name: str, told: str, *labels: str) -> Gauge:
    return Gauge(f"rebilling_{name}", told, labels, registry=REGISTRY)


def _histogram(name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"rebilling_{name}", told, labels, registry=REGISTRY, buckets=buckets)


_consumed = _counter("consumed", "Records taken from a topic, by message type", "topic", "type")
_published = _counter("published", "Facts that the broker confirmed", "topic", "type")
_dead_lettered = _counter("dead_lettered", "Records put into a dead-letter topic", "topic", "reason")
_refused = _counter("refused", "Commands and requests refused by a rule", "type")
_handled_repeat = _counter("handled_repeat", "Messages recognised as repeats", "topic")
_parked = _counter("parked", "Facts that the broker finds too large", "topic")
_consumer_lag = _gauge("consumer_lag", "Records of the assigned partitions not yet finished", "topic")
_batch_records = _histogram("batch_records", "Records in one batch", _SIZES, "topic")
_batch_seconds = _histogram("batch_seconds", "From taking a batch to its last confirmation", _SECONDS, "topic")
_outbox_depth = _gauge("outbox_depth", "Documents with facts not yet published", "collection")
_outbox_oldest = _gauge("outbox_oldest_seconds", "Age of the oldest fact not yet published", "collection")
_open_work = _gauge("open_work", "Pieces of leased work that are open", "job")
_mails = _counter("mails", "Attempts to hand a mail over", "outcome")
_imports_unclosed = _gauge("imports_unclosed", "Imports whose account was read minutes ago and that have no end")
_psa_calls = _counter("psa_calls", "Calls of a PSA, by what for and what came of them", "provider", "call", "outcome")
_info = _gauge("build_info", "1, for the service and version that run here", "service", "version")
_requests = _counter("http_requests", "HTTP requests, by route template", "method", "route", "status")
_request_seconds = _histogram("http_request_seconds", "Time to answer a request", _SECONDS, "method", "route")


@cache
def consumed(topic: str, type: str) -> Counter:
    return _consumed.labels(topic, type)


@cache
def published(topic: str, type: str) -> Counter:
    return _published.labels(topic, type)


@cache
def dead_lettered(topic: str, reason: str) -> Counter:
    return _dead_lettered.labels(topic, reason)


@cache
def refused(type: str) -> Counter:
    return _refused.labels(type)


@cache
def handled_repeat(topic: str) -> Counter:
    """Repeats by topic; those that came by HTTP are counted under `http`."""
    return _handled_repeat.labels(topic)


@cache
def parked(topic: str) -> Counter:
    """An alarm belongs on it: a parked fact needs a person."""
    return _parked.labels(topic)


@cache
def consumer_lag(topic: str) -> Gauge:
    return _consumer_lag.labels(topic)


@cache
def batch_records(topic: str) -> Histogram:
    return _batch_records.labels(topic)


@cache
def batch_seconds(topic: str) -> Histogram:
    return _batch_seconds.labels(topic)


@cache
def outbox_depth(collection: str) -> Gauge:
    return _outbox_depth.labels(collection)


@cache
def outbox_oldest_seconds(collection: str) -> Gauge:
    return _outbox_oldest.labels(collection)


@cache
def mails(outcome: str) -> Counter:
    return _mails.labels(outcome)


def imports_unclosed() -> Gauge:
    """An alarm belongs on it: customer-svc is away, or has put their answers aside."""
    return _imports_unclosed


@cache
def psa_calls(provider: str, call: str, outcome: str) -> Counter:
    return _psa_calls.labels(provider, call, outcome)


@cache
def http_requests(method: str, route: str, status: int) -> Counter:
    return _requests.labels(method, route, str(status))


@cache
def http_request_seconds(method: str, route: str) -> Histogram:
    return _request_seconds.labels(method, route)


def set_open_work(depths: Mapping[str, int]) -> None:
    """The open work of each job as it now is; a job that is not named has none."""
    _open_work.clear()
    for job, depth in depths.items():
        _open_work.labels(job).set(depth)


def running(service: str, version: str) -> None:
    _info.labels(service, version).set(1)


def exposition() -> bytes:
    """Everything as Prometheus text."""
    return generate_latest(REGISTRY)
