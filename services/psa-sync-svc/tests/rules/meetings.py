"""A customer and an account that were linked, and what the tests of their comparison read of them."""

from dataclasses import replace
from typing import Any

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Link, Source, Stand
from psa_sync_svc.domain.policy import Policy
from psa_sync_svc.domain.values import Values

from .world import Told, World

NAME, NUMBER, REFERENCE = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.REFERENCE


def a_world(policy: Policy = Policy.REVIEW, *, imported: bool = True, **there: Any) -> World:
    """A customer that was made out of its account, or was linked by hand."""
    here = Values("Wattle", "+61895550142", Address("14 Wharf Street", country="AU"), None)
    account = PsaAccount("4711", "Wattle", "(08) 9555 0142", Address("14 Wharf Street", country="Australia"), None)
    world = World(dict.fromkeys(Field, policy), here, replace(account, **there))
    world.hear(Told(1, here, Source.IMPORT if imported else Source.PORTAL, world.now()))
    return world


def link_of(world: World) -> Link:
    assert world.link is not None
    return world.link


def said(world: World, kind: type) -> list[Any]:
    return [fact for fact in world.said if isinstance(fact, kind)]


def stands(world: World) -> set[Stand]:
    return {link_of(world).state(field).stand for field in Field}
