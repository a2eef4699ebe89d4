"""Lease events and their calendar: days against a reckoning by hand, a reader of RFC 5545 that shares nothing with the writer."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import tiny_estate

import assetplan as ap
from assetplan.answers import in_sections
from assetplan.calendars import calendar_bytes, escaped, folded
from assetplan.lease_words import ACT_1954, tables, told
from assetplan.leases import COLUMNS, last_day_to_serve, lease_events, shifted, terms_not_known
from assetplan.text import clean

HALL = [{"organisation": "north", "ref": "1", "name": "Hall", "x": 0, "y": 0, "tenure": "Freehold"}]
LEASE = {"interest_id": "l", "subject": "north:1", "holder": "north", "interest": "lease", "source": "deed"}


@pytest.fixture(scope="module")
def malton() -> ap.Estate:
    return shared.malton()


def events_of(path: Path, *rows: dict[str, Any], assets: list[dict[str, Any]] = HALL, **asked: Any) -> pd.DataFrame:
    return lease_events(tiny_estate(path, assets, interests=[{**LEASE, **row} for row in rows]), **asked)


def said(events: pd.DataFrame) -> list[tuple[str, str, str | None]]:
    return [
        (event, state, date.isoformat() if date else None)
        for event, state, date in zip(events["event"], events["state"], events["date"], strict=True)
    ]


# ------------------------------------------------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("end", "months", "last"),
    [
        ("2011-06-24", 6, "2010-12-23"),
        ("2025-08-31", 6, "2025-02-27"),  # no 31 February: its last day, and a day earlier
        ("2024-08-31", 6, "2024-02-28"),
        ("2025-03-01", 12, "2024-02-29"),
        ("2025-06-30", 0, "2025-06-29"),
        ("2025-06-30", 1.5, "2025-04-29"),  # two whole months
        ("2025-01-01", 1, "2024-11-30"),
    ],
)
def test_the_last_day_to_serve_by_hand(end: str, months: float, last: str) -> None:
    assert last_day_to_serve(dt.date.fromisoformat(end), months) == dt.date.fromisoformat(last)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.integers(0, 120))
@settings(max_examples=200, deadline=None)
def test_notice_served_on_the_last_day_runs_out_before_the_break_and_a_week_later_it_would_not(
    end: dt.date, months: int
) -> None:
    """By Dodds v Walker notice runs out on the corresponding day, or the last day of a shorter month: reckoned forwards here."""
    served = last_day_to_serve(end, months)
    assert served is not None

    def runs_out(day: dt.date) -> dt.date:
        at = day.year * 12 + day.month - 1 + months
        year, month = at // 12, at % 12 + 1
        return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))

    assert runs_out(served) < end <= runs_out(served + dt.timedelta(days=5))


def test_days_outside_the_calendar_are_not_known() -> None:
    assert shifted(dt.date(1, 1, 31), -1) is None
    assert shifted(dt.date(9999, 12, 1), 1) is None
    for months in (float("nan"), float("inf"), -1.0, 1e12, 30_000.0):
        assert last_day_to_serve(dt.date(2025, 6, 30), months) is None
    assert last_day_to_serve(dt.date(1, 1, 1), 0) is None


# ------------------------------------------------------------------------------------------------------- events


def test_malton_s_area_office_as_its_tenant_knows_it(malton: ap.Estate) -> None:
    events = lease_events(malton.for_audience("nycc"))
    own = events[events["interest_id"] == "area-office-lease"]
    assert said(own) == [
        ("notice by", "ahead", "2010-12-23"), ("break", "ahead", "2011-06-24"), ("expiry", "ahead", "2013-06-23"),
    ]  # fmt: skip
    assert own["days_left"].tolist() == [182, 365, 1095]
    assert all("To be confirmed against the lease." in todo for todo in own["what_to_do"])
    assert list(events.columns) == list(COLUMNS)


def test_a_break_without_a_length_of_notice_is_told_as_not_known(tmp_path: Path) -> None:
    events = events_of(tmp_path, {"break_date": "2026-01-01"})
    assert said(events) == [("notice by", "not known", None), ("break", "ahead", "2026-01-01")]
    assert "not stated" in events.loc[0, "what_to_do"]
    assert "not known" in events.loc[1, "what_to_do"]
    assert events.loc[0, "days_left"] is None


def test_notice_that_has_gone_by_is_told_while_the_break_is_ahead(tmp_path: Path) -> None:
    events = events_of(tmp_path, {"break_date": "2025-06-30", "notice_months": 6})
    assert said(events) == [("notice by", "passed", "2024-12-29"), ("break", "ahead", "2025-06-30")]


def test_notice_in_the_window_counts_though_the_break_is_after_it(tmp_path: Path) -> None:
    events = events_of(tmp_path, {"break_date": "2028-06-30", "notice_months": 12})
    assert said(events) == [("notice by", "ahead", "2027-06-29")]
    assert said(events_of(tmp_path / "b", {"break_date": "2030-06-30", "notice_months": 12})) == []


def test_the_window_holds_both_its_ends(tmp_path: Path) -> None:
    ends = ("2025-03-31", "2028-03-31", "2028-04-01", "2024-03-31", "2024-03-30")
    rows = [{"interest_id": end, "holder": f"firm {end}", "expiry": end} for end in ends]
    assert said(events_of(tmp_path, *rows)) == [
        ("expiry", "passed", "2024-03-31"), ("expiry", "ahead", "2025-03-31"), ("expiry", "ahead", "2028-03-31"),
    ]  # fmt: skip
    estate = ap.read_estate(tmp_path)
    assert "One term ended earlier, and nothing here says what followed." in in_sections(told(estate))
    assert said(lease_events(estate, months=1, passed_months=0)) == [("expiry", "ahead", "2025-03-31")]


def test_an_end_that_something_follows_is_not_told_as_holding_over(tmp_path: Path) -> None:
    old = {"expiry": "2024-12-31"}
    assert said(events_of(tmp_path / "a", old)) == [("expiry", "passed", "2024-12-31")]
    renewed = {"interest_id": "m", "start": "2025-01-01", "expiry": "2034-12-31"}
    assert said(events_of(tmp_path / "b", old, renewed)) == []
    assert said(events_of(tmp_path / "c", old, {"interest_id": "m", "start": "2025-01-01"})) == []
    other = {"interest_id": "m", "holder": "a neighbour", "start": "2025-01-01", "expiry": "2034-12-31"}
    assert said(events_of(tmp_path / "d", old, other)) == [("expiry", "passed", "2024-12-31")]


def test_what_may_be_ended_at_any_time_has_no_day(tmp_path: Path) -> None:
    events = events_of(tmp_path, {"interest": "licence", "notice_months": 3}, {"interest_id": "m", "notice_months": 3})
    assert said(events) == [("on notice", "at any time", None)] * 2
    assert "30 June 2025" in events.loc[0, "what_to_do"]
    assert "no day on which it may end anything" in events.loc[1, "what_to_do"]


def test_an_end_in_a_register_counts_once_and_a_disagreement_is_told(tmp_path: Path) -> None:
    assets = [{**HALL[0], "tenure": "Leasehold", "lease_expiry": "2026-03-24"}]
    alone = tiny_estate(tmp_path / "a", assets)
    (row,) = lease_events(alone).to_dict("records")
    assert (row["event"], row["date"], row["interest_id"]) == ("expiry", dt.date(2026, 3, 24), None)
    assert row["source"].startswith("north.csv, line 2")
    assert said(events_of(tmp_path / "b", {"expiry": "2026-03-24"}, assets=assets)) == [
        ("expiry", "ahead", "2026-03-24")
    ]
    differ = events_of(tmp_path / "c", {"expiry": "2027-03-24"}, assets=assets)
    assert said(differ) == [("expiry", "ahead", "2026-03-24"), ("expiry", "ahead", "2027-03-24")]
    assert "24 March 2027: one of the two is wrong" in differ.loc[0, "what_to_do"]


def test_dates_that_cannot_be_right_are_told(tmp_path: Path) -> None:
    events = events_of(tmp_path, {"break_date": "2027-01-01", "notice_months": 6, "expiry": "2026-01-01"})
    assert events["what_to_do"].str.contains("break lies after the end of the term: one of the dates is wrong").all()
    assert set(said(events_of(tmp_path / "b", {"break_date": "2026-01-01", "notice_months": 99_999}))) == {
        ("notice by", "not known", None), ("break", "ahead", "2026-01-01"),
    }  # fmt: skip


def test_terms_that_nobody_states_are_unknown_and_not_none(tmp_path: Path) -> None:
    assets = [*HALL, {"organisation": "north", "ref": "2", "name": "Annexe", "x": 90, "y": 0, "tenure": "Leasehold"}]
    estate = tiny_estate(tmp_path, assets, interests=[LEASE, {**LEASE, "interest_id": "f", "interest": "freehold"}])
    assert terms_not_known(estate)["name"].tolist() == ["Hall", "Annexe"]
    assert "Of two leases and licences nothing here says when they end: Hall, Annexe." in in_sections(told(estate))
    assert b"Of two leases and licences nothing says when they end" in calendar_bytes(
        estate, lease_events(estate)
    ).replace(b"\r\n ", b"")


def test_somebody_s_licence_does_not_hide_that_the_head_lease_is_unknown(tmp_path: Path) -> None:
    let = {**LEASE, "holder": "a charity", "interest": "licence", "expiry": "2026-01-01"}
    estate = tiny_estate(tmp_path, [{**HALL[0], "tenure": "Leasehold"}], interests=[let])
    assert terms_not_known(estate)["holder"].tolist() == ["north"]


def test_without_a_day_to_count_from_it_is_refused(tmp_path: Path, malton: ap.Estate) -> None:
    estate = tiny_estate(tmp_path, HALL, toml="")
    with pytest.raises(ap.EstateError, match="as_of"):
        lease_events(estate)
    assert lease_events(estate, since=dt.date(2025, 1, 1)).attrs["until"] == dt.date(2028, 1, 1)
    assert list(lease_events(estate, since=dt.date(2025, 1, 1)).columns) == list(COLUMNS)
    for months in (0, -1, 1.5, 10_000, True, float("nan"), "x"):
        with pytest.raises(ValueError, match="months"):
            lease_events(malton, months=months)  # type: ignore[arg-type]


def test_rows_come_in_one_order_and_no_row_changes_another(malton: ap.Estate) -> None:
    events = lease_events(malton)
    turned = lease_events(replace(malton, interests=malton.interests.iloc[::-1]))
    pd.testing.assert_frame_equal(events, turned)
    without = lease_events(replace(malton, interests=malton.interests[malton.interests["subject"] != "nycc:NY/0463"]))
    assert without.values.tolist() == events[events["subject"] != "nycc:NY/0463"].values.tolist()


# ------------------------------------------------------------------------------------------------------- words


def test_words_say_what_has_to_be_confirmed_and_carry_sources(malton: ap.Estate) -> None:
    nycc = malton.for_audience("nycc")
    text = in_sections(told(nycc))
    assert ACT_1954 in text
    assert text.count("1954") == 1
    assert "£28k" in text
    (table,) = tables(nycc)
    assert len(table["rows"]) == len(lease_events(nycc))
    assert all(row[-1].endswith("(i)") for row in table["rows"])
    public = in_sections(told(malton.for_audience("public")))
    assert "28k" not in public
    assert "23 December 2010" not in public


# ------------------------------------------------------------------------------------------------------- calendar


def parse(data: bytes) -> list[tuple[str, str, dict[str, str]]]:
    """Content lines as RFC 5545 has them: unfolded, each a name, a value and parameters. Refuses what the grammar does not allow."""
    assert data.endswith(b"\r\n")
    raw = data[:-2].split(b"\r\n")
    assert all(b"\r" not in line and b"\n" not in line for line in raw)
    assert all(len(line) <= 75 for line in raw)
    for line in raw:
        line.decode("utf-8")  # no character is parted
    lines: list[bytes] = []
    for line in raw:
        if line[:1] in {b" ", b"\t"}:
            lines[-1] += line[1:]
        else:
            lines.append(line)
    out = []
    for line in lines:
        head, _, value = line.decode("utf-8").partition(":")
        name, *parameters = head.split(";")
        assert name
        assert all(c.isupper() or c.isdigit() or c == "-" for c in name), name
        assert not any(ord(c) < 32 or ord(c) == 127 for c in value)
        out.append((name, value, dict(part.split("=") for part in parameters)))
    return out


def unescaped(value: str) -> str:
    out, at = [], 0
    while at < len(value):
        if value[at] == "\\":
            assert value[at + 1] in "\\;,nN"
            out.append({"n": "\n", "N": "\n"}.get(value[at + 1], value[at + 1]))
            at += 2
        else:
            assert value[at] not in ";,"
            out.append(value[at])
            at += 1
    return "".join(out)


def entries(data: bytes) -> list[dict[str, Any]]:
    """The events of a calendar, each with its properties and alarms; every part is opened and closed in its order."""
    found: list[dict[str, Any]] = []
    opened: list[str] = []
    for name, value, parameters in parse(data):
        if name == "BEGIN":
            opened.append(value)
            if value == "VEVENT":
                found.append({"alarms": []})
            elif value == "VALARM":
                found[-1]["alarms"].append({})
        elif name == "END":
            assert opened.pop() == value
        else:
            assert opened
            where = found[-1] if opened[-1] == "VEVENT" else found[-1]["alarms"][-1] if opened[-1] == "VALARM" else {}
            assert name not in where
            text = name in {"SUMMARY", "DESCRIPTION", "X-WR-CALNAME", "X-WR-CALDESC"}
            where[name] = unescaped(value) if text else value
            assert parameters == ({"VALUE": "DATE"} if name == "DTSTART" else {})
    assert not opened
    return found


def test_a_calendar_holds_what_is_ahead_and_reminds_before_notice(malton: ap.Estate, tmp_path: Path) -> None:
    nycc = malton.for_audience("nycc")
    data = ap.save_calendar(nycc, tmp_path / "leases.ics").read_bytes()
    first, *rest = entries(data)
    ahead = lease_events(nycc)
    ahead = ahead[ahead["state"] == "ahead"]
    assert [e["DTSTART"] for e in rest] == [f"{date:%Y%m%d}" for date in ahead["date"]]
    assert {e["DTSTAMP"] for e in (first, *rest)} == {"20100624T000000Z"}
    assert len({e["UID"] for e in (first, *rest)}) == len(rest) + 1
    notice = rest[0]
    assert notice["SUMMARY"].startswith("Last day to serve notice: Malton area office")
    assert [alarm["TRIGGER"] for alarm in notice["alarms"]] == ["-P90D", "-P30D"]
    assert notice["alarms"][0]["ACTION"] == "DISPLAY"
    assert "Not for publication" in notice["DESCRIPTION"]
    assert notice["CLASS"] == "CONFIDENTIAL"
    assert not rest[1]["alarms"]
    assert parse(data)[0] == ("BEGIN", "VCALENDAR", {})
    assert ("VERSION", "2.0", {}) in parse(data)
    assert "Four events known until 24 June 2013." in first["DESCRIPTION"]


def test_a_restricted_lease_is_in_no_other_reader_s_calendar(malton: ap.Estate) -> None:
    for reader in ("public", "rdc", "police"):
        known = malton.for_audience(reader)
        data = calendar_bytes(known, lease_events(known)).replace(b"\r\n ", b"")
        assert b"20110624" not in data
        assert b"20130623" not in data
        assert b"28k" not in data
        assert b"break on" not in data
    assert b"CLASS:PUBLIC" in calendar_bytes(malton.for_audience("public"), lease_events(malton.for_audience("public")))


def test_no_other_holder_and_no_clause_is_in_a_calendar(tmp_path: Path) -> None:
    row = {
        **LEASE,
        "holder": "Jolly Traders of Malton",
        "expiry": "2026-01-01",
        "clauses": "ask the caretaker at the lodge",
    }
    estate = tiny_estate(tmp_path, HALL, interests=[row])
    data = calendar_bytes(estate, lease_events(estate)).replace(b"\r\n ", b"")
    assert b"Jolly" not in data
    assert b"caretaker" not in data
    assert b"ATTENDEE" not in data
    assert b"ORGANIZER" not in data
    assert b"lease of another holder" in data


def test_the_same_estate_gives_the_same_bytes_and_a_moved_date_keeps_its_identifier(tmp_path: Path) -> None:
    def saved(name: str, expiry: str) -> bytes:
        estate = tiny_estate(tmp_path / name, HALL, interests=[{**LEASE, "expiry": expiry}])
        return ap.save_calendar(estate, tmp_path / f"{name}.ics").read_bytes()

    once, again, moved = saved("a", "2026-01-01"), saved("b", "2026-01-01"), saved("c", "2026-02-01")
    assert once == again
    assert once != moved
    assert [e["UID"] for e in entries(once)] == [e["UID"] for e in entries(moved)]


def test_a_calendar_without_events_is_still_one(tmp_path: Path) -> None:
    estate = tiny_estate(tmp_path, HALL)
    (only,) = entries(calendar_bytes(estate, lease_events(estate)))
    assert only["DESCRIPTION"].startswith("No events known until 31 March 2028.")
    with pytest.raises(ap.OutputError, match=r"ends with \.ics"):
        ap.save_calendar(estate, tmp_path / "leases.txt")


HOSTILE = "Hall\r\nEND:VEVENT\nBEGIN:VALARM\u2028ACTION:AUDIO;x,y\\n\x00\x1b[31m\u202e" + "é" * 60


def test_hostile_names_stay_text(malton: ap.Estate) -> None:
    assets = malton.assets.copy()
    assets["name"] = HOSTILE
    estate = replace(malton, assets=assets, name=HOSTILE, banner=HOSTILE)
    found = entries(calendar_bytes(estate, lease_events(estate)))
    assert len(found) == 1 + int((lease_events(estate)["state"] == "ahead").sum())
    assert all("END:VEVENT BEGIN:VALARM[U+2028]ACTION:AUDIO;x,y\\n[U+0000]" in e["SUMMARY"] for e in found[1:])
    assert "\u202e" not in in_sections(told(estate))


@given(st.lists(st.text(max_size=90), max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_through_escaping_and_folding(texts: list[str]) -> None:
    lines = [f"SUMMARY:{escaped(text)}" for text in texts]
    if lines:
        assert [unescaped(value) for _, value, _ in parse(folded(lines))] == [clean(text) for text in texts]
