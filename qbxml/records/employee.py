"""Employees, who share the name space of customers and vendors (read only)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import AdditionalContact, AdditionalNote, DataExt, ListRecord

RELATIONS = "Spouse Partner Mother Father Sister Brother Son Daughter Friend Other"
ACCRUALS = "BeginningOfYear EveryHourOnPaycheck EveryPaycheck"
RATE = q.Choice("rate")
EARNINGS = q.Choice("earnings")


class EmployeeAddress(Record):
    """Where an employee lives; shorter than other addresses."""

    addr1: str | None = q.text("Addr1", 41, "R")
    addr2: str | None = q.text("Addr2", 41, "R")
    addr3: str | None = q.text("Addr3", None, "R")
    addr4: str | None = q.text("Addr4", None, "R")
    city: str | None = q.text("City", 31, "R")
    state: str | None = q.text("State", 21, "R")
    postal_code: str | None = q.text("PostalCode", 13, "R")
    country: str | None = q.text("Country", None, "R")


class EmergencyContact(Record):
    """Whom to call."""

    contact_name: str | None = q.text("ContactName", 40, "R")
    contact_value: str | None = q.text("ContactValue", 255, "R")
    relation: str | None = q.word("Relation", RELATIONS, "R")


class EmergencyContacts(Record):
    """Whom to call first and second."""

    primary_contact: EmergencyContact | None = q.block("PrimaryContact", EmergencyContact, "R")
    secondary_contact: EmergencyContact | None = q.block("SecondaryContact", EmergencyContact, "R")


class Earning(Record):
    """One kind of wage."""

    payroll_item_wage: Ref | None = q.ref("PayrollItemWageRef", 31, "R")
    rate: Decimal | None = q.price("Rate", "R", choice=RATE)
    rate_percent: Decimal | None = q.percent("RatePercent", "R", choice=RATE)


class AccruedHours(Record):
    """Sick or vacation hours; durations as QuickBooks writes them, `PT8H30M`."""

    hours_available: str | None = q.duration("HoursAvailable", "R")
    accrual_period: str | None = q.word("AccrualPeriod", ACCRUALS, "R")
    hours_accrued: str | None = q.duration("HoursAccrued", "R")
    maximum_hours: str | None = q.duration("MaximumHours", "R")
    is_resetting_hours_each_new_year: bool | None = q.flag("IsResettingHoursEachNewYear", "R")
    hours_used: str | None = q.duration("HoursUsed", "R")
    accrual_start_date: date | None = q.day("AccrualStartDate", "R")


class EmployeePayrollInfo(Record):
    """How an employee is paid."""

    pay_period: str | None = q.word(
        "PayPeriod", "Daily Weekly Biweekly Semimonthly Monthly Quarterly Yearly", "R"
    )
    class_: Ref | None = q.ref("ClassRef", 159, "R", alias="class")
    clear_earnings: bool | None = q.flag("ClearEarnings", "R", choice=EARNINGS)
    earnings: tuple[Earning, ...] = q.block("Earnings", Earning, "R", most=None, choice=EARNINGS)
    use_time_data_to_create_paychecks: str | None = q.word(
        "UseTimeDataToCreatePaychecks", "NotSet UseTimeData DoNotUseTimeData", "R"
    )
    sick_hours: AccruedHours | None = q.block("SickHours", AccruedHours, "R")
    vacation_hours: AccruedHours | None = q.block("VacationHours", AccruedHours, "R")


class Employee(ListRecord):
    """An employee. Most fields stay empty unless the application may see personal data."""

    kind: ClassVar[str] = "Employee"

    name: str | None = q.text("Name", 41, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    salutation: str | None = q.text("Salutation", 15, "R")
    first_name: str | None = q.text("FirstName", 25, "R")
    middle_name: str | None = q.text("MiddleName", 5, "R")
    last_name: str | None = q.text("LastName", 25, "R")
    suffix: str | None = q.text("Suffix", None, "R")
    job_title: str | None = q.text("JobTitle", 41, "R")
    supervisor: Ref | None = q.ref("SupervisorRef", 209, "R")
    department: str | None = q.text("Department", 31, "R")
    description: str | None = q.text("Description", 64, "R")
    target_bonus: Decimal | None = q.amount("TargetBonus", "R")
    employee_address: EmployeeAddress | None = q.block("EmployeeAddress", EmployeeAddress, "R")
    print_as: str | None = q.text("PrintAs", 41, "R")
    phone: str | None = q.text("Phone", 21, "R")
    mobile: str | None = q.text("Mobile", 21, "R")
    pager: str | None = q.text("Pager", 21, "R")
    pager_pin: str | None = q.text("PagerPIN", 10, "R")
    alt_phone: str | None = q.text("AltPhone", 21, "R")
    fax: str | None = q.text("Fax", 21, "R")
    ssn: str | None = q.text("SSN", 11, "R")
    email: str | None = q.text("Email", 1023, "R")
    additional_contact_ref: tuple[AdditionalContact, ...] = q.block(
        "AdditionalContactRef", AdditionalContact, "R", most=8
    )
    emergency_contacts: EmergencyContacts | None = q.block("EmergencyContacts", EmergencyContacts, "R")
    employee_type: str | None = q.word("EmployeeType", "Officer Owner Regular Statutory", "R")
    part_or_full_time: str | None = q.word("PartOrFullTime", "PartTime FullTime", "R")
    exempt: str | None = q.word("Exempt", "Exempt NonExempt", "R")
    key_employee: str | None = q.word("KeyEmployee", "Yes No", "R")
    gender: str | None = q.word("Gender", "Male Female", "R")
    hired_date: date | None = q.day("HiredDate", "R")
    original_hire_date: date | None = q.day("OriginalHireDate", "R")
    adjusted_service_date: date | None = q.day("AdjustedServiceDate", "R")
    released_date: date | None = q.day("ReleasedDate", "R")
    birth_date: date | None = q.day("BirthDate", "R")
    us_citizen: str | None = q.word("USCitizen", "Yes No", "R")
    ethnicity: str | None = q.word(
        "Ethnicity", "AmericianIndian Asian Black Hawaiian Hispanic White TwoOrMoreRaces", "R"
    )
    disabled: str | None = q.word("Disabled", "Yes No", "R")
    disability_desc: str | None = q.text("DisabilityDesc", 25, "R")
    on_file: str | None = q.word("OnFile", "Yes No", "R")
    work_auth_expire_date: date | None = q.day("WorkAuthExpireDate", "R")
    us_veteran: str | None = q.word("USVeteran", "Yes No", "R")
    military_status: str | None = q.word("MilitaryStatus", "Active Reserve", "R")
    account_number: str | None = q.text("AccountNumber", 99, "R")
    notes: str | None = q.text("Notes", 4095, "R")
    additional_notes: tuple[AdditionalNote, ...] = q.block(
        "AdditionalNotesRet", AdditionalNote, "R", most=None
    )
    billing_rate: Ref | None = q.ref("BillingRateRef", 31, "R")
    employee_payroll_info: EmployeePayrollInfo | None = q.block(
        "EmployeePayrollInfo", EmployeePayrollInfo, "R"
    )
    external_guid: str | None = q.guid("ExternalGUID", "R")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
