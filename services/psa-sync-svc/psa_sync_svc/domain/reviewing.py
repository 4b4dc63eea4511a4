"""A field that both sides changed, and a person decides: both keep what they have until then."""

from dataclasses import replace

from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.link import Link, Review
from psa_sync_svc.domain.values import Values


def opened(link: Link, field: Field, at: str) -> Link:
    """Where one is open already, it is about what both sides have now."""
    assert link.account is not None  # noqa: S101 - an ended link is not compared
    base = None if link.state(field).apart else (link.base or Values())[field]
    ours, theirs = link.ours[field], (link.theirs or Values())[field]
    known = link.open_review(field)
    if known is None:
        number = link.reviewed + 1
        return replace(link, reviewed=number).with_review(
            Review(number, field, link.account, base, ours, theirs, found_at=at)
        )
    renewed = replace(known, base=base, ours=ours, theirs=theirs)
    return link if renewed == known else link.with_review(replace(renewed, shown=False))


def closed(link: Link, field: Field, *, chosen: FieldValue, by: str | None, at: str) -> Link:
    """`by` None: nobody had to decide any more."""
    known = link.open_review(field)
    if known is None:
        return link
    return link.with_review(replace(known, chosen=chosen, by=by, closed_at=at, shown=False))


def all_closed(link: Link, at: str) -> tuple[Review, ...]:
    """Those of a link that has ended: the customer keeps what it has."""
    for field in Field:
        link = closed(link, field, chosen=link.ours[field], by=None, at=at)
    return link.reviews


def shown(link: Link, review: Review) -> Link:
    """Its conflict's document has what stands here; what is over is not kept twice."""
    if review not in link.reviews:
        return link
    others = tuple(each for each in link.reviews if each.number != review.number)
    return replace(link, reviews=(*others, replace(review, shown=True)) if review.open else others)
