"""What the embedded servers are told."""

from embedded.servers import new_cluster_id


def test_no_clusters_id_begins_like_an_option_of_the_command_that_it_is_given_to() -> None:
    """One in 64 of random ones does."""
    made = [new_cluster_id() for _ in range(3_000)]

    assert not [id for id in made if id.startswith("-")]
    assert {len(id) for id in made} == {22}
