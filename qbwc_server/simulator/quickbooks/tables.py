"""The answers' element order, kind by kind: data in the notation of ``shapes``."""

from __future__ import annotations

from typing import Final

from qbwc_server.simulator.quickbooks.shapes import SALES_PURCHASE

_CORE = "ListID TimeCreated TimeModified EditSequence "
_PERSON = "Salutation FirstName MiddleName LastName Suffix~ JobTitle@12.0 "
_COMM = (
    "Phone Mobile~ Pager~ AltPhone Fax Email Cc@12.0 Contact AltContact "
    "AdditionalContactRef*=contact_value@12.0 "
    "ContactsRet*=contact@12.0 "
)
_ITEM = _CORE + "Name FullName BarCodeValue@12.0 IsActive ClassRef@12.0 ParentRef Sublevel "
_FLAT_ITEM = _CORE + "Name BarCodeValue@12.0 IsActive ClassRef@12.0 "
_ITEM_END = "ExternalGUID@8.0 DataExtRet*=data_ext"
_TREE = _CORE + "Name FullName IsActive ParentRef Sublevel"
_PLAIN = _CORE + "Name IsActive"
_STOCK = (
    "UnitOfMeasureSetRef@7.0 IsTaxIncluded~@6.0 SalesTaxCodeRef SalesDesc SalesPrice# IncomeAccountRef "
    "PurchaseDesc "
    "PurchaseCost# PurchaseTaxCodeRef~@6.0 COGSAccountRef PrefVendorRef AssetAccountRef {point}# Max#@13.0 "
    "QuantityOnHand# AverageCost# QuantityOnOrder# QuantityOnSalesOrder# ExternalGUID@8.0 {lines} "
    "DataExtRet*=data_ext"
)
_CUSTOMER = (
    _CORE
    + "Name FullName IsActive ClassRef@12.0 ParentRef Sublevel CompanyName "
    + _PERSON
    + "BillAddress=address BillAddressBlock=block@6.0 ShipAddress=address ShipAddressBlock=block@6.0 "
    "ShipToAddress*=ship_to@12.0 PrintAs~ "
    + _COMM
    + "CustomerTypeRef TermsRef SalesRepRef Balance# TotalBalance# SalesTaxCodeRef ItemSalesTaxRef "
    "SalesTaxCountry~@6.0 "
    "ResaleNumber AccountNumber CreditLimit# PreferredPaymentMethodRef@3.0 CreditCardInfo=credit_card@3.0 "
    "JobStatus "
    "JobStartDate JobProjectedEndDate JobEndDate JobDesc JobTypeRef Notes AdditionalNotesRet*=note@12.0 "
    "IsStatementWithParent~ DeliveryMethod~ PreferredDeliveryMethod@12.0 PriceLevelRef@4.0 ExternalGUID@8.0 "
    "TaxRegistrationNumber~@8.0 CurrencyRef@8.0 DataExtRet*=data_ext"
)
_VENDOR = (
    _CORE
    + "Name IsActive ClassRef@12.0 IsTaxAgency~@6.0 CompanyName "
    + _PERSON
    + "VendorAddress=address VendorAddressBlock=block@6.0 ShipAddress=address@11.0 "
    + _COMM
    + "NameOnCheck AccountNumber Notes AdditionalNotesRet*=note@12.0 VendorTypeRef TermsRef CreditLimit# "
    "VendorTaxIdent "
    "IsVendorEligibleFor1099 Balance# BillingRateRef@6.0 ExternalGUID@8.0 SalesTaxCodeRef~@8.0 "
    "SalesTaxCountry~@8.0 "
    "IsSalesTaxAgency~@8.0 SalesTaxReturnRef~@8.0 TaxRegistrationNumber~@8.0 ReportingPeriod~@8.0 "
    "IsTaxTrackedOnPurchases~@8.0 TaxOnPurchasesAccountRef~@8.0 IsTaxTrackedOnSales~@8.0 "
    "TaxOnSalesAccountRef~@8.0 "
    "IsTaxOnTax~@8.0 PrefillAccountRef*@8.0 CurrencyRef@8.0 DataExtRet*=data_ext"
)
_EMPLOYEE = (
    _CORE
    + "Name IsActive "
    + _PERSON
    + "EmployeeAddress=address Phone AltPhone Fax Email AccountNumber Notes "
    "ExternalGUID@8.0 DataExtRet*=data_ext"
)
_OTHER_NAME = (
    _CORE + "Name IsActive CompanyName Salutation FirstName MiddleName LastName OtherNameAddress=address "
    "OtherNameAddressBlock=block@6.0 Phone AltPhone Fax Email Contact AltContact AccountNumber Notes "
    "ExternalGUID@8.0 "
    "DataExtRet*=data_ext"
)
_ACCOUNT = (
    _CORE + "Name FullName IsActive ParentRef Sublevel AccountType DetailAccountType~ SpecialAccountType "
    "IsTaxAccount~ "
    "AccountNumber BankNumber LastCheckNumber~ Desc Balance# TotalBalance# SalesTaxCodeRef~ "
    "CashFlowClassification CurrencyRef@8.0 DataExtRet*=data_ext"
)
_INVOICE = (
    "TxnID TimeCreated TimeModified EditSequence TxnNumber CustomerRef ClassRef ARAccountRef "
    "TemplateRef@3.0 TxnDate "
    "RefNumber BillAddress=address BillAddressBlock=block@6.0 ShipAddress=address "
    "ShipAddressBlock=block@6.0 IsPending "
    "IsFinanceCharge PONumber TermsRef DueDate SalesRepRef FOB ShipDate ShipMethodRef Subtotal# "
    "ItemSalesTaxRef "
    "SalesTaxPercentage# SalesTaxTotal# AppliedAmount# BalanceRemaining# CurrencyRef@8.0 ExchangeRate#@8.0 "
    "BalanceRemainingInHomeCurrency#@8.0 Memo IsPaid CustomerMsgRef IsToBePrinted IsToBeEmailed@6.0 "
    "IsTaxIncluded~@6.0 "
    "CustomerSalesTaxCodeRef SuggestedDiscountAmount# SuggestedDiscountDate Other@6.0 ExternalGUID@9.0 "
    "LinkToTxnID*^@6.0 SetCredit*^=set_credit@10.0 "
    "LinkedTxn*=linked_txn InvoiceLineRet*=invoice_line InvoiceLineGroupRet*=invoice_group "
    "DataExtRet*=data_ext"
)
_SALES_ORDER = (
    "TxnID TimeCreated TimeModified EditSequence TxnNumber CustomerRef ClassRef TemplateRef@3.0 TxnDate "
    "RefNumber BillAddress=address BillAddressBlock=block@6.0 ShipAddress=address ShipAddressBlock=block@6.0 "
    "PONumber TermsRef DueDate SalesRepRef FOB ShipDate ShipMethodRef Subtotal# ItemSalesTaxRef "
    "SalesTaxPercentage# SalesTaxTotal# TotalAmount# CurrencyRef@8.0 ExchangeRate#@8.0 "
    "TotalAmountInHomeCurrency#@8.0 IsManuallyClosed IsFullyInvoiced Memo CustomerMsgRef IsToBePrinted "
    "IsToBeEmailed@6.0 IsTaxIncluded~@6.0 CustomerSalesTaxCodeRef Other@6.0 ExternalGUID@9.0 "
    "LinkedTxn*=linked_txn SalesOrderLineRet*=sales_order_line SalesOrderLineGroupRet*=sales_order_group "
    "DataExtRet*=data_ext"
)
_CREDIT_MEMO = (
    "TxnID TimeCreated TimeModified EditSequence TxnNumber CustomerRef ClassRef ARAccountRef TemplateRef@3.0 "
    "TxnDate RefNumber BillAddress=address BillAddressBlock=block@6.0 ShipAddress=address "
    "ShipAddressBlock=block@6.0 IsPending PONumber TermsRef DueDate SalesRepRef FOB ShipDate ShipMethodRef "
    "Subtotal# ItemSalesTaxRef SalesTaxPercentage# SalesTaxTotal# TotalAmount# CreditRemaining# CurrencyRef@8.0 "
    "ExchangeRate#@8.0 CreditRemainingInHomeCurrency#@8.0 Memo CustomerMsgRef IsToBePrinted IsToBeEmailed@6.0 "
    "IsTaxIncluded~@6.0 CustomerSalesTaxCodeRef Other@6.0 ExternalGUID@9.0 LinkedTxn*=linked_txn "
    "CreditMemoLineRet*=credit_memo_line CreditMemoLineGroupRet*=credit_memo_group DataExtRet*=data_ext"
)
_PURCHASE_ORDER = (
    "TxnID TimeCreated TimeModified EditSequence TxnNumber VendorRef ClassRef InventorySiteRef@10.0 "
    "ShipToEntityRef "
    "TemplateRef@3.0 TxnDate RefNumber VendorAddress=address VendorAddressBlock=block@6.0 "
    "ShipAddress=address "
    "ShipAddressBlock=block@6.0 TermsRef DueDate ExpectedDate ShipMethodRef FOB TotalAmount# CurrencyRef@8.0 "
    "ExchangeRate#@8.0 TotalAmountInHomeCurrency#@8.0 IsManuallyClosed IsFullyReceived Memo VendorMsg "
    "IsToBePrinted "
    "IsToBeEmailed@6.0 IsTaxIncluded~@6.0 SalesTaxCodeRef~@6.0 Other1@6.0 Other2@6.0 ExternalGUID@9.0 "
    "LinkedTxn*=linked_txn@3.0 PurchaseOrderLineRet*=purchase_order_line "
    "PurchaseOrderLineGroupRet*=purchase_order_group DataExtRet*=data_ext"
)

LISTS: Final[dict[str, str]] = {
    "Account": _ACCOUNT,
    "Customer": _CUSTOMER,
    "Employee": _EMPLOYEE,
    "OtherName": _OTHER_NAME,
    "Vendor": _VENDOR,
    "StandardTerms": _PLAIN + " StdDueDays StdDiscountDays DiscountPct#",
    "DateDrivenTerms": _PLAIN + " DayOfMonthDue DueNextMonthDays DiscountDayOfMonth DiscountPct#",
    "Class": _TREE,
    "SalesRep": _CORE + "Initial IsActive SalesRepEntityRef",
    "CustomerType": _TREE,
    "VendorType": _TREE,
    "JobType": _TREE,
    "CustomerMsg": _PLAIN,
    "PaymentMethod": _PLAIN + " PaymentMethodType@7.0",
    "ShipMethod": _PLAIN,
    "SalesTaxCode": _PLAIN + " IsTaxable Desc",
    "Template": _PLAIN + " TemplateType",
    "PriceLevel": _PLAIN
    + " PriceLevelType PriceLevelFixedPercentage# PriceLevelPerItemRet*=price_level_item CurrencyRef@8.0",
    "UnitOfMeasureSet": _PLAIN
    + " UnitOfMeasureType BaseUnit=unit RelatedUnit*=related_unit DefaultUnit*=default_unit",
    "InventorySite": _PLAIN
    + " ParentSiteRef@12.0 IsDefaultSite SiteDesc Contact Phone Fax Email SiteAddress=address "
    "SiteAddressBlock=block",
    "Currency": _PLAIN + " CurrencyCode IsUserDefinedCurrency ExchangeRate# AsOfDate",
}
"""Lists other than items."""

ITEMS: Final[dict[str, str]] = {
    "ItemService": (
        f"{_ITEM}UnitOfMeasureSetRef@7.0 IsTaxIncluded~@6.0 SalesTaxCodeRef {SALES_PURCHASE} {_ITEM_END}"
    ),
    "ItemNonInventory": (
        f"{_ITEM}ManufacturerPartNumber@7.0 UnitOfMeasureSetRef@7.0 IsTaxIncluded~@6.0 SalesTaxCodeRef "
        f"{SALES_PURCHASE} {_ITEM_END}"
    ),
    "ItemOtherCharge": (
        f"{_ITEM}IsTaxIncluded~@6.0 SalesTaxCodeRef {SALES_PURCHASE} SpecialItemType@6.0 {_ITEM_END}"
    ),
    "ItemInventory": _ITEM + "ManufacturerPartNumber@7.0 " + _STOCK.format(point="ReorderPoint", lines=""),
    "ItemInventoryAssembly": (
        _ITEM
        + "ManufacturerPartNumber@12.0 "
        + _STOCK.format(point="BuildPoint", lines="ItemInventoryAssemblyLine*=assembly_line")
    ),
    "ItemFixedAsset": (
        f"{_FLAT_ITEM}AcquiredAs PurchaseDesc PurchaseDate PurchaseCost# VendorOrPayeeName AssetAccountRef "
        "FixedAssetSalesInfo=fixed_asset_sale AssetDesc Location PONumber SerialNumber WarrantyExpDate Notes "
        f"AssetNumber CostBasis# YearEndAccumulatedDepreciation# YearEndBookValue# {_ITEM_END}"
    ),
    "ItemSubtotal": f"{_CORE}Name BarCodeValue@12.0 IsActive ItemDesc SpecialItemType@6.0 {_ITEM_END}",
    "ItemDiscount": (
        f"{_ITEM}ItemDesc SalesTaxCodeRef DiscountRate# DiscountRatePercent# AccountRef {_ITEM_END}"
    ),
    "ItemPayment": f"{_FLAT_ITEM}ItemDesc DepositToAccountRef PaymentMethodRef {_ITEM_END}",
    "ItemSalesTax": f"{_FLAT_ITEM}ItemDesc TaxRate# TaxVendorRef SalesTaxReturnLineRef~@8.0 {_ITEM_END}",
    "ItemSalesTaxGroup": (
        f"{_CORE}Name BarCodeValue@12.0 IsActive ItemDesc ExternalGUID@8.0 ItemSalesTaxRef* "
        "DataExtRet*=data_ext"
    ),
    "ItemGroup": (
        f"{_CORE}Name BarCodeValue@12.0 IsActive ItemDesc UnitOfMeasureSetRef@7.0 IsPrintItemsInGroup "
        "SpecialItemType@6.0 ExternalGUID@8.0 ItemGroupLine*=group_line DataExtRet*=data_ext"
    ),
}
"""The twelve types of item."""

TRANSACTIONS: Final[dict[str, str]] = {
    "Invoice": _INVOICE,
    "PurchaseOrder": _PURCHASE_ORDER,
    "SalesOrder": _SALES_ORDER,
    "CreditMemo": _CREDIT_MEMO,
}
"""Types of transaction."""
