"""Several calls of the driver, one after the other, in the one thread that they are made in: to get into a thread and
back costs a process that has other things to do as much as the store's answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from shared.engine.ports import Doc, Save, Wanted, Write
from shared.store.failures import DUPLICATE_KEY, meaning, meaning_of_writes


def find_command(
    collection: str,
    filter: Mapping[str, Any],
    limit: int,
    *,
    sort: Sequence[tuple[str, int]] = (),
    projection: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """What asks for all that is found in one answer. It lacks a read concern, which a command does not take from its
    database. Where the answer names a cursor it is not all; the server forgets that cursor by itself."""
    asked = {"find": collection, "filter": dict(filter), "limit": limit, "batchSize": limit + 1}
    asked |= {"sort": dict(sort)} if sort else {}
    return asked | ({"projection": projection} if projection else {})


def get_each(database: Database[Doc], wanted: Sequence[Wanted]) -> list[list[Doc]]:
    return [_get(database, collection, ids) if ids else [] for collection, ids in wanted]


def _get(database: Database[Doc], collection: str, ids: Sequence[str]) -> list[Doc]:
    """By the command, for which the driver has less to do than for its cursor; the cursor where that was not all."""
    filter, limit = {"_id": {"$in": list(ids)}}, len(set(ids))
    asked = find_command(collection, filter, limit) | {"readConcern": database.read_concern.document}
    answer = database.command(asked, codec_options=database.codec_options)["cursor"]
    return answer["firstBatch"] if not answer["id"] else database[collection].find(filter, limit=limit).to_list()


def save_each(database: Database[Doc], saves: Sequence[Save]) -> list[set[str]]:
    answers: list[set[str]] = []
    for collection, writes in saves:
        answers.append(_save(database, collection, writes) if writes else set())
        if answers[-1]:
            break
    return answers


def _save(database: Database[Doc], collection: str, writes: Sequence[Write]) -> set[str]:
    requests = [_request(write) for write in writes]
    replaces = [write for write in writes if write.rev is not None]
    taken: set[str] = set()
    try:
        matched = database[collection].bulk_write(requests, ordered=False).matched_count
    except BulkWriteError as error:
        taken, matched = _taken(error, writes)
    return taken if matched == len(replaces) else taken | _not_ours(database, collection, replaces)


def _request(write: Write) -> InsertOne[Doc] | ReplaceOne[Doc]:
    if write.rev is None:
        return InsertOne(write.doc)
    return ReplaceOne({"_id": write.doc["_id"], "rev": write.rev}, write.doc)


def _taken(error: BulkWriteError, writes: Sequence[Write]) -> tuple[set[str], int]:
    """Duplicate keys are inserts that lost."""
    details = error.details or {}
    errors = details.get("writeErrors", [])
    if details.get("writeConcernErrors"):
        raise meaning(error) from error
    if failed := [each for each in errors if each.get("code") != DUPLICATE_KEY]:
        raise meaning_of_writes(failed) from error
    return {writes[e["index"]].doc["_id"] for e in errors}, int(details.get("nMatched", 0))


def _not_ours(database: Database[Doc], collection: str, replaces: Sequence[Write]) -> set[str]:
    """The bulk's answer counts matches but does not name them: look which documents carry our stamp."""
    ids = [write.doc["_id"] for write in replaces]
    stamps = {doc["_id"]: doc.get("stamp") for doc in database[collection].find({"_id": {"$in": ids}}, {"stamp": 1})}
    return {write.doc["_id"] for write in replaces if stamps.get(write.doc["_id"]) != write.doc["stamp"]}
