"""The sink keeps what it took, through a restart and a cut-off write, and hides no double."""

import json
from pathlib import Path
from typing import Any

from embedded.mailsink.reading import attachment, summary
from embedded.mailsink.store import MailStore

RAW = b"Message-ID: <a@b>\r\nFrom: Zo\xc3\xab <z@b>\r\nTo: c@d\r\nSubject: =?utf-8?q?=C5=81?=\r\n\r\nHello\r\n"


def a_mail(store: MailStore, raw: bytes = RAW) -> None:
    store.add(raw, summary(raw, "z@b", ["c@d"]))


def listed(store: MailStore) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(b"".join(store.listed()))
    return found


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    assert listed(MailStore(tmp_path)) == []


def test_mails_are_listed_in_order_of_arrival_over_many_pages(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    for number in range(250):
        a_mail(store, RAW.replace(b"<a@b>", f"<{number}@b>".encode()))

    assert [mail["message_id"] for mail in listed(store)] == [f"<{number}@b>" for number in range(250)]


def test_both_copies_of_a_double_are_kept(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    a_mail(store)
    a_mail(store)

    assert len(listed(store)) == 2
    assert len(store.copies("a@b")) == len(store.copies("<a@b>")) == 2


def test_a_restart_keeps_the_mails(tmp_path: Path) -> None:
    first = MailStore(tmp_path)
    a_mail(first)
    first.close()

    again = MailStore(tmp_path)
    a_mail(again, RAW.replace(b"a@b", b"n@b"))

    assert [mail["subject"] for mail in listed(again)] == ["Ł", "Ł"]
    assert again.raw(again.copies("n@b")[0]).startswith(b"Message-ID: <n@b>")


def test_a_line_that_a_kill_cut_off_is_dropped(tmp_path: Path) -> None:
    first = MailStore(tmp_path)
    a_mail(first)
    first.close()
    with (tmp_path / "index.jsonl").open("ab") as index:
        index.write(b'{"message_id": "<half')

    again = MailStore(tmp_path)
    a_mail(again)

    assert len(listed(again)) == 2


def test_clearing_forgets_all(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    a_mail(store)
    store.clear()
    a_mail(store)

    assert len(listed(store)) == 1
    assert store.raw(store.copies("a@b")[0]) == RAW


def test_an_attachment_that_is_not_there_is_none() -> None:
    assert attachment(RAW, 0) is None
