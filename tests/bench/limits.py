"""What the store and the broker can do at all: the measure of everything else."""

import time
import uuid
from itertools import cycle, islice

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.contracts.topics import ANSWERS
from shared.engine.ports import Write
from shared.store.mongo import MongoStore

BATCH = 1_000


async def guarded_writes(uri: str, database: str, writes: int) -> float:
    """Guarded bulk replaces per second, with the documents that the service saved, in a collection of their own."""
    store = MongoStore(uri, database)
    docs = await store.find("customers", {}, limit=writes)
    for at in range(0, len(docs), BATCH):
        page = docs[at : at + BATCH]
        have = {doc["_id"] for doc in await store.get_many("limit", [doc["_id"] for doc in page])}
        await store.save("limit", [Write(doc, None) for doc in page if doc["_id"] not in have])
    docs = await store.find("limit", {})
    stream = cycle(docs)
    await _replace(store, list(islice(stream, BATCH)))
    spent, done = 0.0, 0
    while done < writes:
        page = list({doc["_id"]: doc for doc in islice(stream, BATCH)}.values())
        began = time.perf_counter()
        await _replace(store, page)
        spent += time.perf_counter() - began
        done += len(page)
    store.close()
    return done / spent


async def _replace(store: MongoStore, docs: list[dict[str, object]]) -> None:
    writes = []
    for doc in docs:
        rev = int(str(doc["rev"]))
        doc["rev"] = rev + 1
        writes.append(Write(doc, rev))
    assert not await store.save("limit", writes)


async def round_trips(servers: str, number: int) -> list[float]:
    """Seconds from producing a record to having it, one at a time."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True)
    consumer = AIOKafkaConsumer(ANSWERS.name, bootstrap_servers=servers, auto_offset_reset="latest")
    await producer.start()
    await consumer.start()
    await consumer.seek_to_end()
    waits = []
    for _ in range(number):
        key = uuid.uuid4().bytes
        began = time.perf_counter()
        await producer.send_and_wait(ANSWERS.name, b"x" * 500, key=key)
        async for record in consumer:
            if record.key == key:
                break
        waits.append(time.perf_counter() - began)
    await producer.stop()
    await consumer.stop()
    return waits[number // 10 :]
