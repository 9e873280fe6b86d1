"""Which company file is the right one: the table, FileID × company name × path."""

import pytest

from qbwc_server.domain.company_files import differences, is_named, is_same, remembered
from qbwc_server.domain.connectors import ANY_FILE, Binding

BOUND = Binding("{A}", "Harbour Fish", r"Z:\Books\X.QBW", (r"\\SRV01\Books\X.QBW",))
SAME, OTHER, NONE = "same", "another one", "not reported"
FILE_IDS = {SAME: "{a}", OTHER: "{B}", NONE: None}
NAMES = {SAME: "harbour  FISH ", OTHER: "Sister Company, Inc.", NONE: None}
PATHS = {SAME: "z:/books/x.qbw ", OTHER: r"C:\Copy\X.QBW", NONE: None}

TABLE = [
    (SAME, SAME, SAME, True),
    (SAME, SAME, OTHER, True),
    (SAME, SAME, NONE, True),
    (SAME, OTHER, SAME, True),
    (SAME, OTHER, OTHER, False),
    (SAME, OTHER, NONE, False),
    (SAME, NONE, SAME, True),
    (SAME, NONE, OTHER, False),
    (SAME, NONE, NONE, True),
    *((OTHER, name, path, False) for name in NAMES for path in PATHS),
    (NONE, SAME, SAME, True),
    (NONE, SAME, OTHER, False),
    (NONE, SAME, NONE, True),
    (NONE, OTHER, SAME, False),
    (NONE, OTHER, OTHER, False),
    (NONE, OTHER, NONE, False),
    (NONE, NONE, SAME, True),
    (NONE, NONE, OTHER, False),
    (NONE, NONE, NONE, True),
]


@pytest.mark.parametrize(("file_id", "name", "path", "same"), TABLE)
def test_what_makes_it_the_same_file(file_id: str, name: str, path: str, same: bool) -> None:
    assert len(TABLE) == 27
    seen = Binding(FILE_IDS[file_id], NAMES[name], PATHS[path])
    assert is_same(BOUND, seen) == same
    if not same:
        assert differences(BOUND, seen)


@pytest.mark.parametrize("path", [r"Z:\BOOKS\x.qbw", "//srv01/books/X.qbw", r" \\srv01\Books\X.QBW"])
def test_every_known_path_is_the_same_file_however_it_is_written(path: str) -> None:
    seen = Binding("{A}", "Another name", path)
    assert is_same(BOUND, seen)
    assert "path" not in differences(BOUND, seen)


def test_a_new_path_and_a_new_name_are_remembered_and_no_path_is_lost() -> None:
    after = remembered(BOUND, Binding("{A}", "Harbour Fish", r"D:\X.QBW"))
    assert after.path == r"D:\X.QBW"
    assert after.paths == (r"Z:\Books\X.QBW", r"\\SRV01\Books\X.QBW")
    assert remembered(BOUND, Binding(None, None, None)) == BOUND
    assert remembered(BOUND, Binding("{A}", "Harbour & Sons", BOUND.path)).company_name == "Harbour & Sons"


def test_the_paths_that_are_remembered_have_an_end() -> None:
    bound = BOUND
    for number in range(100):
        bound = remembered(bound, Binding("{A}", "Harbour Fish", f"D:\\{number}.qbw"))
    assert len(bound.paths) == 20


def test_whoever_belongs_to_any_file_takes_the_first() -> None:
    assert is_same(ANY_FILE, Binding("{B}", "Whoever", "C:\\x.qbw"))


def test_a_file_is_named_by_its_company_or_by_its_path_where_it_has_none() -> None:
    assert is_named(Binding("{A}", "Sister Company, Inc.", "C:\\x.qbw"), "sister company, inc.")
    assert not is_named(Binding("{A}", "Sister Company, Inc.", "C:\\x.qbw"), "C:\\x.qbw")
    assert not is_named(Binding("{A}", "Sister Company, Inc.", None), "")
    assert is_named(Binding(None, None, "C:\\x.qbw"), "c:/X.qbw")
    assert not is_named(Binding(None, None, None), "anything")
