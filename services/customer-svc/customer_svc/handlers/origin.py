"""Where a message came from, as customers and timelines tell it."""

from shared.engine.change import Meta


def by_a_person(meta: Meta) -> bool:
    """A request over HTTP comes from the portal; only what came over Kafka has a position."""
    return meta.position is None
