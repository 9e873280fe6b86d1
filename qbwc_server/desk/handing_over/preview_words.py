"""A preview in words for people."""

from qbwc_server.desk.handing_over.preview_views import OUTCOMES
from qbwc_server.desk.handing_over.previews import Preview
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Record
from qbwc_server.sync.check import Ready, Verdict, rules
from qbwc_server.sync.check.named import Found
from qbwc_server.sync.check.naming import Naming


def message(each: Preview, record: Record | None) -> str:
    """What would become of it, in a sentence."""
    label = record.label if record is not None else f"{each.kind.label if each.kind else 'record'}"
    if record is not None and each.outcome == "unchanged":
        words = f"{OUTCOMES['unchanged']}: it is {record.state}"
    else:
        words = OUTCOMES[each.outcome]
    again = f" Line {each.again_in} hands it over again: that is what counts." if each.again_in else ""
    return f"{label[:1].upper()}{label[1:]}: {words}.{again}"


def created(each: Preview, final: Verdict | None) -> str | None:
    """What would be created in QuickBooks."""
    if not isinstance(final, Ready) or final.operation is not Operation.ADD or each.record is None:
        return None
    payload = final.payload
    parent = getattr(payload, "parent", None)
    above = f"{parent.full_name}:" if parent is not None and parent.full_name else ""
    name = getattr(payload, "ref_number", None) if each.record.kind.is_document else payload.name  # type: ignore[attr-defined]
    return f"{payload.kind} “{above}{name}”" if name else f"{payload.kind}, numbered by QuickBooks"


def why(item: Naming) -> str | None:
    """Why a reference names the entry it does."""
    if isinstance(item.outcome, Found) and item.outcome.rule is not None:
        return rules.MATCHED_BY[item.outcome.rule]
    return "name" if item.by in ("full_name", None) else item.by
