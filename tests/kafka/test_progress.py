"""Only what is finished is committed: the contiguous prefix, of the assignment that it was taken under."""

from shared.kafka.progress import Progress
from tests.kafka.toys import PARTITION, a_record


def test_nothing_is_committed_beyond_the_first_that_is_unfinished() -> None:
    progress = Progress()
    progress.assign()
    first, second = progress.take([a_record(0, "t"), a_record(1, "t")]), progress.take([a_record(2, "t")])

    progress.finish(1, second)
    assert progress.committable() == {}
    assert progress.waits_at(PARTITION) == 0

    progress.finish(1, first)
    assert progress.committable() == {PARTITION: 3}
    assert progress.waits_at(PARTITION) is None


def test_each_partition_has_a_prefix_of_its_own() -> None:
    progress = Progress()
    progress.assign()
    progress.finish(1, progress.take([a_record(4, "t", partition=1)]))
    progress.take([a_record(0, "t")])

    assert {partition.partition: offset for partition, offset in progress.committable().items()} == {1: 5}


def test_work_of_an_older_assignment_finishes_nothing() -> None:
    progress = Progress()
    progress.assign()
    old = progress.take([a_record(0, "t")])
    progress.revoke()
    progress.assign()

    progress.finish(1, old)

    assert progress.committable() == {}


def test_a_commit_that_failed_is_tried_again_unless_more_is_finished() -> None:
    progress = Progress()
    progress.assign()
    progress.finish(1, progress.take([a_record(0, "t")]))
    lost = progress.committable()

    progress.give_back(lost)
    assert progress.committable() == {PARTITION: 1}

    progress.finish(1, progress.take([a_record(1, "t")]))
    progress.give_back(lost)
    assert progress.committable() == {PARTITION: 2}
