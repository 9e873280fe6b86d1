"""The preferences of a company file (read only)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref


class PriceLevels(Record):
    """How price levels are used."""

    is_using_price_levels: bool | None = q.flag("IsUsingPriceLevels", "R")
    is_rounding_sales_price_up: bool | None = q.flag("IsRoundingSalesPriceUp", "R")


class AccountingPreferences(Record):
    """Preferences page: accounting."""

    is_using_account_numbers: bool | None = q.flag("IsUsingAccountNumbers", "R")
    is_requiring_accounts: bool | None = q.flag("IsRequiringAccounts", "R")
    is_using_class_tracking: bool | None = q.flag("IsUsingClassTracking", "R")
    assign_classes_to: str | None = q.word(
        "AssignClassesTo", "None Accounts Items Names", "R", since="12.0", not_in="AU"
    )
    is_using_audit_trail: bool | None = q.flag("IsUsingAuditTrail", "R")
    is_assigning_journal_entry_numbers: bool | None = q.flag("IsAssigningJournalEntryNumbers", "R")
    closing_date: date | None = q.day("ClosingDate", "R")


class FinanceChargePreferences(Record):
    """Preferences page: finance charge."""

    annual_interest_rate: Decimal | None = q.percent("AnnualInterestRate", "R")
    min_finance_charge: Decimal | None = q.amount("MinFinanceCharge", "R")
    grace_period: int | None = q.whole("GracePeriod", "R")
    finance_charge_account: Ref | None = q.ref("FinanceChargeAccountRef", 159, "R")
    is_assessing_for_overdue_charges: bool | None = q.flag("IsAssessingForOverdueCharges", "R")
    calculate_charges_from: str | None = q.word("CalculateChargesFrom", "DueDate InvoiceOrBilledDate", "R")
    is_marked_to_be_printed: bool | None = q.flag("IsMarkedToBePrinted", "R")


class JobsAndEstimatesPreferences(Record):
    """Preferences page: jobs and estimates."""

    is_using_estimates: bool | None = q.flag("IsUsingEstimates", "R")
    is_using_progress_invoicing: bool | None = q.flag("IsUsingProgressInvoicing", "R")
    is_printing_items_with_zero_amounts: bool | None = q.flag("IsPrintingItemsWithZeroAmounts", "R")


class MultiCurrencyPreferences(Record):
    """Preferences page: multi currency."""

    is_multi_currency_on: bool | None = q.flag("IsMultiCurrencyOn", "R")
    home_currency: Ref | None = q.ref("HomeCurrencyRef", 64, "R")


class MultiLocationInventoryPreferences(Record):
    """Preferences page: multi location inventory."""

    is_multi_location_inventory_available: bool | None = q.flag("IsMultiLocationInventoryAvailable", "R")
    is_multi_location_inventory_enabled: bool | None = q.flag("IsMultiLocationInventoryEnabled", "R")


class PurchasesAndVendorsPreferences(Record):
    """Preferences page: purchases and vendors."""

    is_using_inventory: bool | None = q.flag("IsUsingInventory", "R")
    days_bills_are_due: int | None = q.whole("DaysBillsAreDue", "R")
    is_automatically_using_discounts: bool | None = q.flag("IsAutomaticallyUsingDiscounts", "R")
    default_discount_account: Ref | None = q.ref("DefaultDiscountAccountRef", 159, "R")


class ReportsPreferences(Record):
    """Preferences page: reports."""

    aging_report_basis: str | None = q.word("AgingReportBasis", "AgeFromDueDate AgeFromTransactionDate", "R")
    summary_report_basis: str | None = q.word("SummaryReportBasis", "Accrual Cash", "R")


class SalesAndCustomersPreferences(Record):
    """Preferences page: sales and customers."""

    default_ship_method: Ref | None = q.ref("DefaultShipMethodRef", 15, "R")
    default_fob: str | None = q.text("DefaultFOB", 13, "R")
    default_markup: Decimal | None = q.percent("DefaultMarkup", "R")
    is_tracking_reimbursed_expenses_as_income: bool | None = q.flag(
        "IsTrackingReimbursedExpensesAsIncome", "R"
    )
    is_auto_applying_payments: bool | None = q.flag("IsAutoApplyingPayments", "R")
    price_levels: PriceLevels | None = q.block("PriceLevels", PriceLevels, "R", since="4.0")


class SalesTaxPreferences(Record):
    """Preferences page: sales tax."""

    default_item_sales_tax: Ref | None = q.ref("DefaultItemSalesTaxRef", 31, "R")
    pay_sales_tax: str | None = q.word("PaySalesTax", "Monthly Quarterly Annually", "R")
    default_taxable_sales_tax_code: Ref | None = q.ref("DefaultTaxableSalesTaxCodeRef", 3, "R")
    default_non_taxable_sales_tax_code: Ref | None = q.ref("DefaultNonTaxableSalesTaxCodeRef", 3, "R")
    is_using_vendor_tax_code: bool | None = q.flag("IsUsingVendorTaxCode", "R")
    is_using_customer_tax_code: bool | None = q.flag("IsUsingCustomerTaxCode", "R")
    is_using_amounts_include_tax: bool | None = q.flag("IsUsingAmountsIncludeTax", "R")


class TimeTrackingPreferences(Record):
    """Preferences page: time tracking."""

    first_day_of_week: str | None = q.word(
        "FirstDayOfWeek", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday", "R"
    )


class CurrentAppAccessRights(Record):
    """Preferences page: current app access rights."""

    is_automatic_login_allowed: bool | None = q.flag("IsAutomaticLoginAllowed", "R")
    automatic_login_user_name: str | None = q.text("AutomaticLoginUserName", 29, "R")
    is_personal_data_access_allowed: bool | None = q.flag("IsPersonalDataAccessAllowed", "R")


class ItemsAndInventoryPreferences(Record):
    """Preferences page: items and inventory."""

    enhanced_inventory_receiving_enabled: bool | None = q.flag("EnhancedInventoryReceivingEnabled", "R")
    is_tracking_serial_or_lot_number: str | None = q.word(
        "IsTrackingSerialOrLotNumber", "None SerialNumber LotNumber", "R", not_in="AU"
    )
    is_tracking_on_sales_transactions_enabled: bool | None = q.flag(
        "isTrackingOnSalesTransactionsEnabled", "R", not_in="AU"
    )
    is_tracking_on_purchase_transactions_enabled: bool | None = q.flag(
        "isTrackingOnPurchaseTransactionsEnabled", "R", not_in="AU"
    )
    is_tracking_on_inventory_adjustment_enabled: bool | None = q.flag(
        "isTrackingOnInventoryAdjustmentEnabled", "R", not_in="AU"
    )
    is_tracking_on_build_assembly_enabled: bool | None = q.flag(
        "isTrackingOnBuildAssemblyEnabled", "R", not_in="AU"
    )
    fifo_enabled: bool | None = q.flag("FIFOEnabled", "R", not_in="AU")
    fifo_effective_date: date | None = q.day("FIFOEffectiveDate", "R", not_in="AU")
    is_rsb_enabled: bool | None = q.flag("IsRSBEnabled", "R", since="12.0")
    is_barcode_enabled: bool | None = q.flag("IsBarcodeEnabled", "R", since="12.0")


class Preferences(Record):
    """What the company file is set to; PreferencesQuery answers with one."""

    kind: ClassVar[str] = "Preferences"

    accounting_preferences: AccountingPreferences | None = q.block(
        "AccountingPreferences", AccountingPreferences, "R"
    )
    finance_charge_preferences: FinanceChargePreferences | None = q.block(
        "FinanceChargePreferences", FinanceChargePreferences, "R"
    )
    jobs_and_estimates_preferences: JobsAndEstimatesPreferences | None = q.block(
        "JobsAndEstimatesPreferences", JobsAndEstimatesPreferences, "R"
    )
    multi_currency_preferences: MultiCurrencyPreferences | None = q.block(
        "MultiCurrencyPreferences", MultiCurrencyPreferences, "R", since="8.0"
    )
    multi_location_inventory_preferences: MultiLocationInventoryPreferences | None = q.block(
        "MultiLocationInventoryPreferences",
        MultiLocationInventoryPreferences,
        "R",
        since="10.0",
        not_in="CA UK",
    )
    purchases_and_vendors_preferences: PurchasesAndVendorsPreferences | None = q.block(
        "PurchasesAndVendorsPreferences", PurchasesAndVendorsPreferences, "R"
    )
    reports_preferences: ReportsPreferences | None = q.block("ReportsPreferences", ReportsPreferences, "R")
    sales_and_customers_preferences: SalesAndCustomersPreferences | None = q.block(
        "SalesAndCustomersPreferences", SalesAndCustomersPreferences, "R"
    )
    sales_tax_preferences: SalesTaxPreferences | None = q.block(
        "SalesTaxPreferences", SalesTaxPreferences, "R"
    )
    time_tracking_preferences: TimeTrackingPreferences | None = q.block(
        "TimeTrackingPreferences", TimeTrackingPreferences, "R"
    )
    current_app_access_rights: CurrentAppAccessRights | None = q.block(
        "CurrentAppAccessRights", CurrentAppAccessRights, "R"
    )
    items_and_inventory_preferences: ItemsAndInventoryPreferences | None = q.block(
        "ItemsAndInventoryPreferences", ItemsAndInventoryPreferences, "R", since="11.0"
    )
