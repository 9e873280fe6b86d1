"""One class of tests a qbXML type: what goes out, what comes in, what JSON may say."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from qbxml import datatypes as dt
from qbxml.datatypes import Problem
from qbxml.timestamps import Timestamp


class TestAmount:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("1.2", "1.20"),
            ("-0", "0.00"),
            ("-0.50", "-0.50"),
            ("5", "5.00"),
            ("1E+3", "1000.00"),
            ("0.100", "0.10"),
        ],
    )
    def test_it_always_has_two_decimals(self, value: str, text: str) -> None:
        assert dt.Amount().encode(Decimal(value)) == text

    @pytest.mark.parametrize("value", ["0.001", "12345678901234", "NaN", "Infinity"])
    def test_digits_are_never_rounded_away(self, value: str) -> None:
        with pytest.raises(Problem):
            dt.Amount().encode(Decimal(value))

    def test_a_float_is_refused_on_both_ways(self) -> None:
        with pytest.raises(Problem):
            dt.Amount().encode(1.5)
        with pytest.raises(Problem, match="in quotes"):
            dt.Amount().accept(1.5)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("12.50", "12.50"),
            ("12,50", "12.50"),
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("-3,5", "-3.5"),
            (".50", "0.50"),
            (" 7.00 ", "7.00"),
            ("8.25%", "8.25"),
        ],
    )
    def test_the_notations_of_windows_editions_are_read(self, text: str, value: str) -> None:
        assert dt.Amount().decode(text) == Decimal(value)

    @pytest.mark.parametrize(
        "text", ["1,234", "1,2,3", "1.2.3", "12a", "1e5", "NaN", "١٢", "--1", "1 000.00"]
    )
    def test_a_number_that_could_mean_two_things_is_not_guessed(self, text: str) -> None:
        with pytest.raises(Problem):
            dt.Amount().decode(text)

    def test_empty_is_absent(self) -> None:
        assert dt.Amount().decode("") is None

    @pytest.mark.parametrize("value", ["1_000", "1e3", " 1", "0x1", "", True])
    def test_json_numbers_are_plain_digits(self, value: object) -> None:
        with pytest.raises(Problem):
            dt.Amount().accept(value)

    @pytest.mark.parametrize(("value", "number"), [("9.50", "9.50"), (3, "3"), ("-1", "-1")])
    def test_json_numbers_are_text_or_whole(self, value: object, number: str) -> None:
        assert dt.Amount().accept(value) == Decimal(number)


class TestPriceQuantityPercent:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("9.50", "9.50"),
            ("9.5000000", "9.5"),
            ("-0", "0"),
            ("1E+2", "100"),
            ("0.12345", "0.12345"),
            ("100", "100"),
        ],
    )
    def test_up_to_five_decimals_without_padding(self, value: str, text: str) -> None:
        for kind in (dt.Price(), dt.Quantity(), dt.Percent()):
            assert kind.encode(Decimal(value)) == text

    @pytest.mark.parametrize(
        "value", ["0.123456", "12345678901", "1E-999999999", "1E+999999999", "0E-999999999", "0E+999999999"]
    )
    def test_more_digits_are_refused(self, value: str) -> None:
        with pytest.raises(Problem, match="more than"):
            dt.Price().encode(Decimal(value))

    def test_a_comma_before_three_digits_is_not_guessed(self) -> None:
        with pytest.raises(Problem, match="decimals or thousands"):
            dt.Quantity().decode("1,500")


class TestBool:
    def test_out(self) -> None:
        assert [dt.Bool().encode(v) for v in (True, False)] == ["true", "false"]

    @pytest.mark.parametrize(
        ("text", "value"), [("true", True), ("1", True), ("FALSE", False), ("0", False), ("", None)]
    )
    def test_in(self, text: str, value: bool | None) -> None:
        assert dt.Bool().decode(text) is value

    @pytest.mark.parametrize("value", [1, 0, "true", "yes"])
    def test_json_knows_only_true_and_false(self, value: object) -> None:
        with pytest.raises(Problem):
            dt.Bool().accept(value)

    def test_another_word_is_refused(self) -> None:
        with pytest.raises(Problem):
            dt.Bool().decode("maybe")


class TestInt:
    def test_a_bool_is_no_number(self) -> None:
        with pytest.raises(Problem):
            dt.Int().encode(True)

    def test_bounds_are_kept(self) -> None:
        with pytest.raises(Problem, match="from 1 to 12") as refused:
            dt.Int(1, 12).encode(13)
        assert refused.value.limit == 12

    @pytest.mark.parametrize(("text", "value"), [("42", 42), (" -7 ", -7), ("", None)])
    def test_in(self, text: str, value: int | None) -> None:
        assert dt.Int().decode(text) == value

    @pytest.mark.parametrize("text", ["1.5", "x", "١", "1_0"])
    def test_what_is_no_whole_number_is_refused(self, text: str) -> None:
        with pytest.raises(Problem):
            dt.Int().decode(text)


class TestDate:
    def test_out(self) -> None:
        assert dt.Date().encode(date(2026, 11, 20)) == "2026-11-20"

    def test_a_time_is_no_date(self) -> None:
        with pytest.raises(Problem):
            dt.Date().encode(datetime(2026, 11, 20, tzinfo=UTC))

    @pytest.mark.parametrize("text", ["2026-11-20", "2026-11-20T00:00:00", " 2026-11-20 "])
    def test_in(self, text: str) -> None:
        assert dt.Date().decode(text) == date(2026, 11, 20)

    @pytest.mark.parametrize("text", ["2026-13-01", "20.11.2026", "0000-00-00", "2026-02-30"])
    def test_an_impossible_day_is_refused(self, text: str) -> None:
        with pytest.raises(Problem):
            dt.Date().decode(text)

    @pytest.mark.parametrize("value", [0, "2026-11-20T10:00:00", "today", datetime(2026, 1, 1, tzinfo=UTC)])
    def test_json_dates_are_iso_days(self, value: object) -> None:
        with pytest.raises(Problem):
            dt.Date().accept(value)


class TestDateTime:
    def test_it_keeps_what_quickbooks_said(self) -> None:
        raw = "2026-07-01T09:30:00-08:00"
        assert dt.DateTime().decode(raw) == raw
        assert dt.DateTime().encode(Timestamp(raw)) == raw

    def test_the_offset_is_wrong_in_summer_and_therefore_ignored(self) -> None:
        summer = Timestamp("2026-07-01T09:30:00-08:00")
        assert summer.wall.isoformat() == "2026-07-01T09:30:00"
        assert summer.utc(ZoneInfo("America/Los_Angeles")) == datetime(2026, 7, 1, 16, 30, tzinfo=UTC)

    def test_a_moment_becomes_the_wall_clock_of_the_pc(self) -> None:
        moment = datetime(2026, 7, 1, 16, 30, 5, 999, tzinfo=UTC)
        assert Timestamp.local(moment, ZoneInfo("America/Los_Angeles")) == "2026-07-01T09:30:05"

    def test_a_naive_moment_is_no_moment(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            Timestamp.local(datetime(2026, 1, 1), UTC)  # noqa: DTZ001

    @pytest.mark.parametrize("text", ["2026-07-01T09:30:00Z", "2026-07-01T09:30:00.5", "yesterday"])
    def test_z_and_fractions_are_refused(self, text: str) -> None:
        with pytest.raises(Problem):
            dt.DateTime().encode(text)
        with pytest.raises(Problem):
            dt.DateTime().accept(text)

    def test_an_aware_datetime_has_to_be_made_local_first(self) -> None:
        with pytest.raises(Problem, match=r"Timestamp\.local"):
            dt.DateTime().accept(datetime(2026, 1, 1, tzinfo=UTC))

    def test_unreadable_time_is_kept_and_says_so_when_asked(self) -> None:
        odd = dt.DateTime().decode("soon")
        assert odd == "soon"
        with pytest.raises(ValueError, match="soon"):
            _ = odd.wall

    def test_a_day_is_a_day(self) -> None:
        assert Timestamp("2026-07-01").day == date(2026, 7, 1)


class TestGuid:
    RAW = "12345678-9abc-def0-1234-56789abcdef0"

    def test_braces_are_mandatory_on_the_wire(self) -> None:
        with pytest.raises(Problem, match="braces"):
            dt.Guid().encode(self.RAW)

    @pytest.mark.parametrize("value", [RAW, uuid.UUID(RAW), f"{{{RAW}}}"])
    def test_json_may_leave_them_out(self, value: object) -> None:
        assert dt.Guid().accept(value) == f"{{{self.RAW}}}"

    def test_zero_means_custom_fields(self) -> None:
        assert dt.Guid().encode("0") == "0"


class TestId:
    @pytest.mark.parametrize("value", ["80000001-1446673838", "1A2-1234567890", "x" * 36])
    def test_ids_are_kept_as_they_are(self, value: str) -> None:
        assert dt.Id().encode(value) == value
        assert dt.Id().decode(value) == value

    @pytest.mark.parametrize("value", ["", "x" * 37, "a b", "é", None, 5])
    def test_what_quickbooks_never_gave_is_refused(self, value: object) -> None:
        with pytest.raises(Problem):
            dt.Id().encode(value)


class TestEnum:
    KIND = dt.Enum(("None", "Email", "Fax"))

    def test_it_is_case_sensitive_on_the_way_out(self) -> None:
        with pytest.raises(Problem, match="one of None, Email, Fax"):
            self.KIND.encode("email")

    def test_a_new_word_is_still_read(self) -> None:
        assert self.KIND.decode("Pigeon") == "Pigeon"


class TestDuration:
    def test_hours_minutes_seconds(self) -> None:
        assert dt.Duration().encode("PT8H30M") == "PT8H30M"
        with pytest.raises(Problem):
            dt.Duration().encode("8:30")
