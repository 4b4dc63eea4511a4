from prometheus_client.parser import text_string_to_metric_families

from shared.telemetry import metrics


def _value(name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None


def test_a_batch_is_counted_at_once() -> None:
    metrics.consumed("rebilling.test", "Tested").inc(500)

    assert _value("rebilling_consumed_total", topic="rebilling.test", type="Tested") == 500


def test_a_child_is_made_once() -> None:
    assert metrics.consumed("rebilling.test", "Tested") is metrics.consumed("rebilling.test", "Tested")


def test_a_job_that_is_not_named_has_no_open_work() -> None:
    metrics.set_open_work({"deliver": 3, "release": 1})
    metrics.set_open_work({"deliver": 2})

    assert _value("rebilling_open_work", job="deliver") == 2
    assert _value("rebilling_open_work", job="release") is None


def test_every_name_of_ours_has_our_prefix() -> None:
    names = {family.name for family in text_string_to_metric_families(metrics.exposition().decode())}

    assert {name for name in names if not name.startswith(("rebilling_", "process_", "python_"))} == set()
    assert {
        "rebilling_consumed",
        "rebilling_dead_lettered",
        "rebilling_refused",
        "rebilling_outbox_depth",
        "rebilling_outbox_oldest_seconds",
        "rebilling_consumer_lag",
        "rebilling_open_work",
        "rebilling_mails",
        "rebilling_handled_repeat",
    } <= names
