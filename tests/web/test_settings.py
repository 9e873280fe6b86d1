"""The settings of a connector as a form."""

from typing import get_args

from annotated_types import Ge, Le, MaxLen
from lxml import html

from qbwc_server.desk.administration import connectors
from qbwc_server.domain.settings import RULES, ConnectorSettings
from qbwc_server.web.site.settings import FIELDS


def typed(page: str) -> dict[str, str]:
    """What a browser would send if the form were submitted as it stands."""
    form = html.fromstring(page).xpath("//main//form")[0]
    return {name: value for name, value in form.form_values() if name != "csrf_token"}


def path(lab) -> str:
    """The address of the form."""
    return f"/connectors/{lab.CONNECTOR}/settings"


def test_every_setting_stands_on_the_form_exactly_once():
    assert sorted(field.name for field in FIELDS) == sorted(ConnectorSettings.model_fields)


def test_the_bounds_on_the_form_are_those_of_the_settings():
    for field in FIELDS:
        least = most = None
        for bound in ConnectorSettings.model_fields[field.name].metadata:
            match bound:
                case Ge(ge=value):
                    least = value
                case Le(le=value) | MaxLen(max_length=value):
                    most = value
        assert (field.least, field.most) == (least, most), field.name


def test_a_choice_offers_exactly_the_allowed_values():
    field = next(field for field in FIELDS if field.kind == "choice")
    allowed = get_args(ConnectorSettings.model_fields[field.name].annotation)
    assert sorted(value for value, _ in field.choices) == sorted(allowed)


def test_saving_the_form_as_it_stands_changes_nothing(admin, world, lab):
    before = connectors.get(world.core, lab.CONNECTOR).settings
    answer = admin.post(path(lab), **typed(admin.get(path(lab)).text))
    assert answer.status_code == 302
    assert connectors.get(world.core, lab.CONNECTOR).settings == before


def test_what_is_typed_is_saved(admin, world, lab):
    form = typed(admin.get(path(lab)).text)
    del form["post_invoices"]  # an unticked box is not sent
    form |= {"create_items": "on", "default_terms": " Net 30 ", "batch_size": "25", "run_every_minutes": "15"}
    answer = admin.post(path(lab), **form)
    assert "Settings saved" in admin.get(answer.location).text
    settings = connectors.get(world.core, lab.CONNECTOR).settings
    assert not settings.post_invoices
    assert settings.create_items
    assert settings.default_terms == "Net 30"
    assert (settings.batch_size, settings.run_every_minutes) == (25, 15)
    assert settings.default_income_account is None


def test_every_fault_is_told_beside_its_field_and_what_was_typed_stays(admin, world, lab):
    before = connectors.get(world.core, lab.CONNECTOR).settings
    form = typed(admin.get(path(lab)).text)
    form |= {
        "batch_size": "many",
        "refresh_minutes": "0",
        "ref_number_prefix": "FAR TOO LONG",
        "template": "Kept",
    }
    answer = admin.post(path(lab), **form)
    assert answer.status_code == 422
    assert "3 things need another look" in answer.text
    for name, words in (
        ("batch_size", "Enter a whole number from 1 to 500."),
        ("refresh_minutes", "Enter a whole number from 1 to 10080."),
        ("ref_number_prefix", "Enter at most 8 characters."),
    ):
        assert f'<div class="invalid-feedback d-block" id="fault-{name}">{words}</div>' in answer.text
    assert typed(answer.text)["template"] == "Kept"
    assert typed(answer.text)["batch_size"] == "many"
    assert connectors.get(world.core, lab.CONNECTOR).settings == before


def test_a_name_that_is_not_in_quickbooks_is_told_beside_its_field(admin, world, lab):
    form = typed(admin.get(path(lab)).text) | {"default_terms": "Net 31"}
    answer = admin.post(path(lab), **form)
    assert answer.status_code == 422
    fault = html.fromstring(answer.text).get_element_by_id("fault-default_terms").text
    assert "QuickBooks has no active terms" in fault
    assert "Net 31" in fault


def test_a_value_no_browser_offers_is_refused(admin, world, lab):
    form = typed(admin.get(path(lab)).text) | {"default_item_type": "spaceship"}
    assert admin.post(path(lab), **form).status_code == 422


def test_names_of_quickbooks_are_offered_while_typing(admin, lab):
    page = html.fromstring(admin.get(path(lab)).text)
    assert page.get_element_by_id("field-default_terms").get("list") == "offers-default_terms"
    assert page.xpath("//datalist[@id='offers-default_terms']/option/@value") == ["Net 30"]
    assert page.get_element_by_id("field-default_income_account").get("list") is None
    zones = page.xpath("//datalist[@id='offers-time_zone']/option/@value")
    assert {"UTC", "America/New_York"} <= set(zones)


def test_quiet_hours_are_set_and_a_wrong_form_is_told(admin, world, lab):
    form = typed(admin.get(path(lab)).text)
    wrong = admin.post(
        path(lab),
        **form | {"quiet_hours": "at night", "time_zone": "Mars/Olympus", "batch_size": "0"},
    )
    assert wrong.status_code == 422
    faults = html.fromstring(wrong.text)
    assert faults.get_element_by_id("fault-quiet_hours").text == "Enter two times of day, as 22:00-06:00."
    assert faults.get_element_by_id("fault-time_zone").text == (
        "Enter the name of a time zone, as America/New_York."
    )
    # what is wrong is unfolded with what was typed, also a 0; what is as usual says so
    opened = faults.xpath("//details[@open][contains(@class, 'settings-group')]/summary")
    assert [each.find("h2").text for each in opened] == ["Quiet hours and days", "Fine points"]
    assert opened[1].text_content().split()[-1] == "0"
    quiet = {"quiet_hours": "22:00-06:00", "quiet_days": "Sunday, saturday", "time_zone": "America/New_York"}
    admin.post(path(lab), **form | quiet)
    settings = connectors.get(world.core, lab.CONNECTOR).settings
    assert settings.quiet_days == ("saturday", "sunday")
    summary = html.fromstring(admin.get(path(lab)).text).xpath("//summary[h2='Quiet hours and days']")[0]
    assert "From and to: 22:00-06:00 · Quiet days: saturday, sunday" in " ".join(
        summary.text_content().split()
    )
    assert (settings.quiet_hours, settings.time_zone) == ("22:00-06:00", "America/New_York")


def test_a_ranking_offers_exactly_the_rules_and_keeps_their_order(admin, world, lab):
    for field in FIELDS:
        if field.kind == "ranking":
            assert [value for value, _ in field.choices] == list(RULES[field.name])
    form = typed(admin.get(path(lab)).text)
    assert form["match_items_by"] == "part_number"
    form |= {"match_items_by": "barcode", "match_items_by-3": "part_number"}
    admin.post(path(lab), **form)
    assert connectors.get(world.core, lab.CONNECTOR).settings.match_items_by == ("barcode", "part_number")
    shown = typed(admin.get(path(lab)).text)
    assert (shown["match_items_by"], shown["match_items_by-2"], shown["match_items_by-3"]) == (
        "barcode",
        "part_number",
        "",
    )


def test_a_rule_chosen_twice_is_told_beside_the_ranking(admin, world, lab):
    form = typed(admin.get(path(lab)).text) | {"match_vendors_by": "name", "match_vendors_by-2": "name"}
    answer = admin.post(path(lab), **form)
    assert answer.status_code == 422
    fault = html.fromstring(answer.text).get_element_by_id("fault-match_vendors_by").text
    assert fault == "Name each of them once, in the order in which they are to be tried"
    assert typed(answer.text)["match_vendors_by-2"] == "name"
