"""What QuickBooks says of itself: product and versions, the company, its preferences."""

from __future__ import annotations

from lxml import etree

from qbwc_server.simulator.quickbooks.book import Fields
from qbwc_server.simulator.quickbooks.render import Renderer
from qbwc_server.simulator.quickbooks.shapes import Shape, shape

HOST = shape(
    "ProductName MajorVersion MinorVersion Country@3.0 SupportedQBXMLVersion* IsAutomaticLogin@3.0 "
    "QBFileMode@3.0"
)
COMPANY = shape(
    "IsSampleCompany@3.0 CompanyName LegalCompanyName Address=address AddressBlock=block@6.0 "
    "LegalAddress=address "
    "CompanyAddressForCustomer=address CompanyAddressBlockForCustomer=block@6.0 Phone Fax Email "
    "CompanyEmailForCustomer~ CompanyWebSite FirstMonthFiscalYear FirstMonthIncomeTaxYear CompanyType EIN "
    "SSN TaxForm "
    "SubscribedServices=subscribed_services@7.0 AccountantCopy=accountant_copy@8.0 DataExtRet*=data_ext"
)
PREFERENCES = shape(
    "AccountingPreferences=accounting FinanceChargePreferences=finance_charge "
    "JobsAndEstimatesPreferences=jobs_estimates MultiCurrencyPreferences=multi_currency@8.0 "
    "MultiLocationInventoryPreferences=multi_location@10.0 PurchasesAndVendorsPreferences=purchases "
    "ReportsPreferences=reports SalesAndCustomersPreferences=sales SalesTaxPreferences=sales_tax "
    "TimeTrackingPreferences=time_tracking CurrentAppAccessRights=app_rights "
    "ItemsAndInventoryPreferences=inventory@11.0"
)

SHAPES: dict[str, Shape] = {"Host": HOST, "Company": COMPANY, "Preferences": PREFERENCES}
"""The three queries about QuickBooks itself, which the Web Connector also asks at the start of each
session."""


def describe(
    name: str, fields: Fields, renderer: Renderer, request: etree._Element | None = None
) -> etree._Element:
    """``HostRet``, ``CompanyRet`` or ``PreferencesRet``, limited by IncludeRetElement."""
    wanted = (
        []
        if request is None
        else [(each.text or "").strip() for each in request.findall("IncludeRetElement")]
    )
    return renderer.aggregate(f"{name}Ret", fields, SHAPES[name], keep=frozenset(wanted) if wanted else None)


def blank_host() -> Fields:
    """QuickBooks Enterprise 2024 in single-user mode."""
    return {
        "ProductName": "QuickBooks Enterprise Solutions 24.0",
        "MajorVersion": "34",
        "MinorVersion": "0",
        "Country": "US",
        "SupportedQBXMLVersion": [
            "1.0",
            "1.1",
            "2.0",
            "2.1",
            "3.0",
            "4.0",
            "4.1",
            "5.0",
            "6.0",
            "7.0",
            "8.0",
            "9.0",
            "10.0",
            "11.0",
            "12.0",
            "13.0",
        ],
        "IsAutomaticLogin": "false",
        "QBFileMode": "SingleUser",
    }


def blank_company(name: str) -> Fields:
    """A company with nothing but a name."""
    return {
        "IsSampleCompany": "false",
        "CompanyName": name,
        "LegalCompanyName": name,
        "FirstMonthFiscalYear": "January",
        "FirstMonthIncomeTaxYear": "January",
        "TaxForm": "OtherOrNone",
    }


def blank_preferences() -> Fields:
    """A US company with inventory, classes and sales tax in use; references are filled in by the caller."""
    return {
        "AccountingPreferences": {
            "IsUsingAccountNumbers": "false",
            "IsRequiringAccounts": "true",
            "IsUsingClassTracking": "true",
            "AssignClassesTo": "None",
            "IsUsingAuditTrail": "true",
            "IsAssigningJournalEntryNumbers": "true",
        },
        "FinanceChargePreferences": {
            "AnnualInterestRate": "0.0",
            "MinFinanceCharge": "0.00",
            "GracePeriod": "0",
            "IsAssessingForOverdueCharges": "false",
            "CalculateChargesFrom": "DueDate",
            "IsMarkedToBePrinted": "false",
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": "false",
            "IsUsingProgressInvoicing": "false",
            "IsPrintingItemsWithZeroAmounts": "false",
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": "false"},
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": "true",
            "DaysBillsAreDue": "10",
            "IsAutomaticallyUsingDiscounts": "false",
        },
        "ReportsPreferences": {"AgingReportBasis": "AgeFromDueDate", "SummaryReportBasis": "Accrual"},
        "SalesAndCustomersPreferences": {
            "IsTrackingReimbursedExpensesAsIncome": "false",
            "IsAutoApplyingPayments": "true",
            "PriceLevels": {"IsUsingPriceLevels": "false"},
        },
        "SalesTaxPreferences": {"PaySalesTax": "Monthly"},
        "TimeTrackingPreferences": {"FirstDayOfWeek": "Monday"},
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": "true",
            "AutomaticLoginUserName": "Integration",
            "IsPersonalDataAccessAllowed": "false",
        },
    }
