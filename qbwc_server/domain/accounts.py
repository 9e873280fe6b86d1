"""Which of QuickBooks' accounts fit which of a connector's defaults."""

from collections.abc import Iterable, Mapping

ACCOUNT_TYPES: Mapping[str, frozenset[str]] = {
    "default_income_account": frozenset({"Income", "OtherIncome"}),
    "default_expense_account": frozenset({"Expense", "OtherExpense", "CostOfGoodsSold"}),
    "default_cogs_account": frozenset({"CostOfGoodsSold"}),
    "default_asset_account": frozenset({"OtherCurrentAsset"}),
}
"""Of which of QuickBooks' types of account each default usually is."""


def usual(setting: str, named: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """The names of QuickBooks' entries that a setting usually takes, and the others; each comes with its type."""
    every = list(named)
    types = ACCOUNT_TYPES.get(setting)
    if types is None:
        return [name for name, _ in every], []
    return [name for name, kind in every if kind in types], [
        name for name, kind in every if kind not in types
    ]
