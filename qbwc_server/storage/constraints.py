"""The rules the database itself keeps, in words: what it says when somebody would break one."""

from collections.abc import Mapping

_RULES: Mapping[str, tuple[str, str]] = {
    "uq_record_entry": (
        "record.connector_id, record.kind, record.quickbooks_id",
        "another record is linked to the same in QuickBooks already",
    ),
}
"""The name of a constraint (PostgreSQL tells it), its columns (SQLite tells those), and the rule in words."""


def broken_rule(error: BaseException) -> str | None:
    """The rule that a database driver's error says would have been broken; None where it says something else."""
    name = getattr(getattr(error, "diag", None), "constraint_name", None)
    for rule, (columns, words) in _RULES.items():
        if name == rule or str(error) == f"UNIQUE constraint failed: {columns}":
            return words
    return None
