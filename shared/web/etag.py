"""Versions on HTTP: an entity tells its version as ETag, a change names the version that it was made from."""

import re
from typing import Final

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from shared.engine.decision import Refused, refuse
from shared.web.problems import malformed

_TAG: Final = re.compile(r'\s*(?:(?P<weak>W/)?"(?P<tag>[\x21\x23-\x7e\x80-\xff]*)")?\s*(?:,|$)')
_VERSION: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def etag(version: int) -> str:
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version that `If-Match` asks for; None where there is no such header, or any version will do (`*`).

    Of several tags the highest version counts. 412 where no tag can match (comparison is strong, RFC 9110 13.1.1),
    400 where the header cannot be read.
    """
    value = _header(request, "if-match")
    if value is None or value.strip() == "*":
        return None
    versions = [version for weak, version in _tags(value, "If-Match") if not weak and version is not None]
    if not versions:
        raise mismatch()
    return max(versions)


def mismatch() -> Refused:
    return refuse("", "VERSION_MISMATCH", "the entity has another version by now; read it again and repeat the change")


def entity(
    request: Request, shown: BaseModel, version: int, *, status: int = 200, location: str | None = None
) -> Response:
    """An entity with its version; 304 where the client has that version already."""
    headers = {"ETag": etag(version)}
    if location is not None:
        headers["Location"] = location
    if request.method in ("GET", "HEAD") and _known(request, version):
        return Response(status_code=304, headers=headers)
    return Response(shown.model_dump_json(), status, headers, "application/json")


def _known(request: Request, version: int) -> bool:
    value = _header(request, "if-none-match")
    if value is None:
        return False
    return value.strip() == "*" or any(known == version for _, known in _tags(value, "If-None-Match"))


def _header(request: Request, name: str) -> str | None:
    values = request.headers.getlist(name)
    return ", ".join(values) if values else None


def _tags(value: str, header: str) -> list[tuple[bool, int | None]]:
    """Each tag as (weak, version); None for a tag that is none of ours."""
    found: list[tuple[bool, int | None]] = []
    at = 0
    while at < len(value):
        match = _TAG.match(value, at)
        if match is None or match.end() == at:
            raise malformed("", f'{header} must be entity tags such as "7", separated by commas')
        tag, at = match["tag"], match.end()
        if tag is not None:
            found.append((match["weak"] is not None, int(tag) if _VERSION.fullmatch(tag) else None))
    return found
