"""The long word lists of qbXML 13.0 that several messages share (names of the schema, not ours)."""

from __future__ import annotations

TXN_VOID_TYPES = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard Charge Check CreditCardCharge "
    "CreditCardCredit CreditMemo Deposit InventoryAdjustment Invoice ItemReceipt JournalEntry "
    "SalesReceipt VendorCredit"
)
"""What TxnVoid can void; not purchase orders, estimates, sales orders or received payments."""

TXN_DEL_TYPES = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard BuildAssembly Charge Check "
    "CreditCardCharge CreditCardCredit CreditMemo Deposit Estimate InventoryAdjustment Invoice "
    "ItemReceipt JournalEntry PurchaseOrder ReceivePayment SalesOrder SalesReceipt SalesTaxPaymentCheck "
    "TimeTracking TransferInventory VehicleMileage VendorCredit"
)

LIST_DEL_TYPES = (
    "Account BillingRate Class Currency Customer CustomerMsg CustomerType DateDrivenTerms Employee "
    "InventorySite ItemDiscount ItemFixedAsset ItemGroup ItemInventory ItemInventoryAssembly "
    "ItemNonInventory ItemOtherCharge ItemPayment ItemSalesTax ItemSalesTaxGroup ItemService "
    "ItemSubtotal JobType OtherName PaymentMethod PayrollItemNonWage PayrollItemWage PriceLevel "
    "SalesRep SalesTaxCode ShipMethod StandardTerms ToDo UnitOfMeasureSet Vehicle Vendor VendorType "
    "WorkersCompCode"
)
"""There is no `Item`: every item type is named on its own."""

PAYMENT_METHOD_TYPES = (
    "AmericanExpress Cash Check DebitCard Discover ECheck GiftCard MasterCard Other OtherCreditCard Visa"
)

TXN_DATA_EXT_TYPES = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard BuildAssembly Charge Check "
    "CreditCardCharge CreditCardCredit CreditMemo Deposit Estimate InventoryAdjustment Invoice "
    "ItemReceipt JournalEntry PurchaseOrder ReceivePayment SalesOrder SalesReceipt SalesTaxPaymentCheck "
    "VendorCredit"
)

LIST_DATA_EXT_TYPES = "Account Customer Employee Item OtherName Vendor"

DATA_EXT_TYPES = "AMTTYPE DATETIMETYPE INTTYPE PERCENTTYPE PRICETYPE QUANTYPE STR1024TYPE STR255TYPE"

ASSIGNABLE = (
    "Account ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard BuildAssembly Charge Check "
    "Company CreditCardCharge CreditCardCredit CreditMemo Customer Deposit Employee Estimate "
    "InventoryAdjustment Invoice Item ItemReceipt JournalEntry OtherName PurchaseOrder ReceivePayment "
    "SalesOrder SalesReceipt SalesTaxPaymentCheck Vendor VendorCredit"
)

TXN_TYPES = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard BuildAssembly Charge Check "
    "CreditCardCharge CreditCardCredit CreditMemo Deposit Estimate InventoryAdjustment Invoice "
    "ItemReceipt JournalEntry LiabilityAdjustment Paycheck PayrollLiabilityCheck PurchaseOrder "
    "ReceivePayment SalesOrder SalesReceipt SalesTaxPaymentCheck Transfer VendorCredit YTDAdjustment"
)

DATE_MACROS = (
    "All Today ThisWeek ThisWeekToDate ThisMonth ThisMonthToDate ThisCalendarQuarter "
    "ThisCalendarQuarterToDate ThisFiscalQuarter ThisFiscalQuarterToDate ThisCalendarYear "
    "ThisCalendarYearToDate ThisFiscalYear ThisFiscalYearToDate Yesterday LastWeek LastWeekToDate "
    "LastMonth LastMonthToDate LastCalendarQuarter LastCalendarQuarterToDate LastFiscalQuarter "
    "LastFiscalQuarterToDate LastCalendarYear LastCalendarYearToDate LastFiscalYear "
    "LastFiscalYearToDate NextWeek NextFourWeeks NextMonth NextCalendarQuarter NextCalendarYear "
    "NextFiscalQuarter NextFiscalYear"
)

MATCH_CRITERIA = "StartsWith Contains EndsWith"

ACCOUNT_TYPES = (
    "AccountsPayable AccountsReceivable Bank CostOfGoodsSold CreditCard Equity Expense FixedAsset "
    "Income LongTermLiability NonPosting OtherAsset OtherCurrentAsset OtherCurrentLiability "
    "OtherExpense OtherIncome"
)

DETAIL_ACCOUNT_TYPES = (
    "AP AR AccumulatedAdjustment AccumulatedAmortization AccumulatedAmortizationOfOtherAssets "
    "AccumulatedDepletion AccumulatedDepreciation AdvertisingOrPromotional AllowanceForBadDebts "
    "Amortization Auto BadDebts BankCharges Buildings CashOnHand CharitableContributions Checking "
    "CommonStock CostOfLabor CostOfLaborCOS CreditCard DepletableAssets Depreciation DevelopmentCosts "
    "DiscountsOrRefundsGiven DividendIncome DuesAndSubscriptions EmployeeCashAdvances Entertainment "
    "EntertainmentMeals EquipmentRental EquipmentRentalCOS FederalIncomeTaxPayable FurnitureAndFixtures "
    "Goodwill Insurance InsurancePayable IntangibleAssets InterestEarned InterestPaid Inventory "
    "InvestmentMortgageOrRealEstateLoans InvestmentOther InvestmentTaxExemptSecurities "
    "InvestmentUSGovObligations Land LeaseBuyout LeaseholdImprovements LegalAndProfessionalFees "
    "Licenses LineOfCredit LoanPayable LoansToOfficers LoansToOthers LoansToStockholders "
    "MachineryAndEquipment MoneyMarket NonProfitIncome NotesPayable "
    "OfficeOrGeneralAdministrativeExpenses OpeningBalanceEquity OrganizationalCosts "
    "OtherCostsOfServiceCOS OtherCurrentAssets OtherCurrentLiab OtherFixedAssets OtherInvestmentIncome "
    "OtherLongTermAssets OtherLongTermLiab OtherMiscExpense OtherMiscIncome OtherMiscServiceCost "
    "OtherPrimaryIncome OwnersEquity PaidInCapitalOrSurplus PartnerContributions PartnerDistributions "
    "PartnersEquity PayrollClearing PayrollExpenses PayrollTaxPayable PenaltiesAndSettlements "
    "PreferredStock PrepaidExpenses PrepaidExpensesPayable PromotionalMeals RentOrLeaseOfBuildings "
    "RentsHeldInTrust RentsInTrustLiab RepairAndMaintenance Retainage RetainedEarnings "
    "SalesOfProductIncome SalesTaxPayable Savings SecurityDeposits ServiceOrFeeIncome "
    "ShareholderNotesPayable ShippingFreightAndDelivery ShippingFreightAndDeliveryCOS "
    "StateOrLocalIncomeTaxPayable SuppliesAndMaterials SuppliesAndMaterialsCOGS TaxExemptInterest "
    "TaxesPaid Travel TravelMeals TreasuryStock TrustAccounts TrustAccountsLiab UndepositedFunds "
    "Utilities Vehicles"
)
"""Only QuickBooks Online used them."""

SPECIAL_ACCOUNT_TYPES = (
    "AccountsPayable AccountsReceivable CondenseItemAdjustmentExpenses CostOfGoodsSold "
    "DirectDepositLiabilities Estimates ExchangeGainLoss InventoryAssets ItemReceiptAccount "
    "OpeningBalanceEquity PayrollExpenses PayrollLiabilities PettyCash PurchaseOrders "
    "ReconciliationDifferences RetainedEarnings SalesOrders SalesTaxPayable UncategorizedExpenses "
    "UncategorizedIncome UndepositedFunds"
)
"""Accounts QuickBooks makes and uses by itself."""
