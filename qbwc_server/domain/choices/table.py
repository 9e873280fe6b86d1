"""The ways out of each cause of the catalogue, in the order in which they are offered: one row a way."""

from collections.abc import Mapping

from qbwc_server.domain import causes
from qbwc_server.domain.causes import Actor, Cause
from qbwc_server.domain.choices.base import Action, Condition, Fields, Target, Way, always, no_fields, nobody
from qbwc_server.domain.choices.conditions import (
    CAN_BE_NEW,
    a_company,
    a_default,
    an_id,
    can_be_created,
    can_be_linked,
    changed,
    has_default,
    is_entry_in_question,
    is_looked_for,
    is_matched_anew,
    is_own_entry,
    is_retried,
    missing_one,
    of_entry,
    of_faults,
    of_field,
    of_match,
    of_reference,
    refused_one,
    set_default,
    setting,
)
from qbwc_server.domain.decisions import Decision

# --- ways that several causes have --------------------------------------------------------------------------

_LET_BE = (
    Way(
        Action.DISMISS,
        "Let it be",
        "{record} is cancelled and is not sent to QuickBooks. Nothing in QuickBooks is touched.",
        when=lambda situation: situation.together <= 1,
    ),
    Way(
        Action.DISMISS,
        "Let all {number} be",
        "All {number} records that wait behind this are cancelled and are not sent to QuickBooks. Nothing in "
        "QuickBooks is touched.",
        when=lambda situation: situation.together > 1,
    ),
    Way(
        Action.DISMISS,
        "Let only {record} be",
        "{record} is cancelled and is not sent to QuickBooks. The others go on waiting.",
        when=lambda situation: situation.together > 1,
        suffix="this",
    ),
)
_CLOSED = Way(Action.DISMISS, "Let it be", "It is closed. If its cause is still there, it opens again.")
_RESYNC = Way(
    Action.RESYNC,
    "It was put right in QuickBooks: read its lists anew",
    "QuickBooks' lists are read at the next visit of the Web Connector; if the cause is gone then, {waiting}.",
    Actor.QUICKBOOKS_USER,
    when=is_looked_for,
)
_RETRY = Way(
    Action.RETRY,
    "It was put right: try again",
    "It is sent again at the next visit of the Web Connector; {waiting}, unless QuickBooks refuses again.",
    Actor.QUICKBOOKS_USER,
    when=is_retried,
)
_LINK_EACH = (
    Way(
        Action.LINK,
        "It is “{candidate}”",
        "{about} is this {entry} of QuickBooks from now on, and {waiting}. It is remembered.",
        when=is_own_entry,
        each=True,
    ),
    Way(
        Action.LINK,
        "“{candidate}” is meant",
        "Whatever names {named} means this {entry} of QuickBooks from now on, and {waiting}. It is remembered.",
        when=lambda situation: is_entry_in_question(situation) and not situation.is_own,
        each=True,
    ),
)
_LINK_ANY = (
    Way(
        Action.LINK,
        "It is another {entry} of QuickBooks",
        "{about} is the {entry} that you choose from now on, and {waiting}. It is remembered.",
        when=is_own_entry,
        needs=an_id,
    ),
    Way(
        Action.LINK,
        "Choose the {entry} that is meant",
        "Whatever names {named} means the {entry} that you choose from now on, and {waiting}. It is remembered.",
        when=lambda situation: is_entry_in_question(situation) and not situation.is_own,
        needs=an_id,
    ),
)
_CREATE = Way(
    Action.CREATE,
    "It is new: create it in QuickBooks",
    "{about} is created in QuickBooks as a new {entry}, whatever is found there, and {waiting}.",
    when=can_be_created,
)
_UNLINK = Way(
    Action.UNLINK,
    "Match it anew",
    "It is forgotten what {about} was in QuickBooks. It is matched anew, or created if nothing matches.",
    when=is_matched_anew,
)
_LINK_DOCUMENT = (
    Way(
        Action.LINK,
        "It is the same: {candidate}",
        "{about} is this {entry} of QuickBooks. It is looked at there at the next visit, and nothing is posted.",
        when=can_be_linked,
        each=True,
    ),
    Way(
        Action.LINK,
        "It is another {entry} of QuickBooks",
        "{about} is the {entry} whose TxnID you give. It is looked at there at the next visit, and nothing is posted.",
        when=can_be_linked,
        needs=an_id,
    ),
)


def _again(
    consequence: str, fields: Fields = no_fields, when: Condition = always, target: Target = nobody
) -> Way:
    """The way of whoever keeps the records in the order system."""
    label = "Correct it in the order system"
    return Way(
        Action.HAND_OVER_AGAIN, label, consequence, Actor.HOST, when=when, fields=fields, target=target
    )


_CORRECTED = "{about} is handed over again with other values, by PUT; what waits goes on by itself."
_CORRECTED_MATCH = _again(_CORRECTED, of_match, when=lambda situation: situation.record is not None)
_HAND_OVER = (
    Way(
        Action.HAND_OVER,
        "Hand over {named}",
        "The order system hands it over, by PUT; {waiting} by itself.",
        Actor.HOST,
        when=lambda situation: situation.cause.sub_reason == causes.NOT_HANDED_OVER,
        target=missing_one,
    ),
    Way(
        Action.HAND_OVER,
        "It is new: hand it over from the order system",
        "The order system hands over the {entry} with {named}, by PUT; {waiting} by itself.",
        Actor.HOST,
        when=lambda situation: situation.cause.sub_reason in CAN_BE_NEW,
    ),
)
_NOT_MATCHED = (
    *_LINK_EACH,
    *_LINK_ANY,
    _CREATE,
    *_HAND_OVER,
    _RESYNC,
    _CORRECTED_MATCH,
    *_LET_BE,
)
_INACTIVE = (*_LINK_ANY, _CREATE, _RESYNC, _again(_CORRECTED, of_entry), *_LET_BE)

# --- the table ----------------------------------------------------------------------------------------------

WAYS: Mapping[type[Cause], tuple[Way, ...]] = {
    causes.CustomerNotMatched: _NOT_MATCHED,
    causes.VendorNotMatched: _NOT_MATCHED,
    causes.ItemNotMatched: _NOT_MATCHED,
    causes.NumberConflict: (
        *_LINK_DOCUMENT,
        Way(
            Action.RETRY,
            "The number is free now: ask again",
            "QuickBooks is asked for the number at the next visit. If it is free, {about} is posted.",
            Actor.QUICKBOOKS_USER,
        ),
        _again(_CORRECTED, lambda situation: ("/ref_number",)),
        *_LET_BE,
    ),
    causes.RecordInactive: _INACTIVE,
    causes.RecordDeleted: (*_LINK_EACH, *_LINK_ANY, _UNLINK, *_INACTIVE[len(_LINK_ANY) :]),
    causes.DocumentDeleted: (
        Way(
            Action.POST_AS_NEW,
            "Post it as new",
            "{about} is posted to QuickBooks once more, as a new {entry}.",
            when=lambda situation: Decision.POST_AS_NEW in situation.may,
        ),
        *_LINK_DOCUMENT,
        Way(
            Action.RESYNC,
            "It was put back in QuickBooks: look for it again",
            "QuickBooks is asked for it at the next visit of the Web Connector.",
            Actor.QUICKBOOKS_USER,
            when=lambda situation: situation.cause.sub_reason == "vanished",
        ),
        *_LET_BE,
    ),
    causes.LinkRefused: (
        *_LINK_DOCUMENT,
        Way(
            Action.RETRY,
            "It was a slip: go on without the link",
            "{about} goes on as if it had never been linked: what QuickBooks does not have yet is posted.",
        ),
        *_LET_BE,
    ),
    causes.NameInUse: (
        *_LINK_EACH,
        *_LINK_ANY,
        _RESYNC,
        _again(_CORRECTED, lambda situation: ("/name",)),
        *_LET_BE,
    ),
    causes.AlreadyLinked: (
        *_LINK_ANY,
        _LINK_DOCUMENT[1],
        _CREATE,
        Way(
            Action.UNLINK_OTHER,
            "{holder} is wrong: unlink it",
            "It is forgotten what {holder} was in QuickBooks, and {about} is that instead; {holder} is matched anew.",
            when=lambda situation: situation.is_own and situation.list_name is not None,
        ),
        _again(_CORRECTED, of_entry),
        *_LET_BE,
    ),
    causes.InvalidField: (
        _again(_CORRECTED, of_field),
        Way(
            Action.CHANGE_SETTING,
            "Change the connector's setting {setting}",
            "Whoever looks after the connector changes it; {waiting} by itself.",
            when=lambda situation: setting(situation) is not None,
            setting=setting,
        ),
        _RETRY,
        *_LET_BE,
    ),
    causes.ReferenceMissing: (
        Way(
            Action.SET_DEFAULT,
            "Choose the default {what}",
            "It becomes the connector's default, for all that name none, and {waiting}.",
            when=has_default,
            needs=a_default,
            setting=set_default,
        ),
        _LINK_ANY[1],
        Way(
            Action.RESYNC,
            _RESYNC.label,
            _RESYNC.consequence,
            Actor.QUICKBOOKS_USER,
            when=lambda situation: not is_retried(situation) and not has_default(situation),
        ),
        _RETRY,
        _again(_CORRECTED, of_reference),
        *_LET_BE,
    ),
    causes.ChangedInQuickbooks: (
        Way(
            Action.OVERWRITE,
            "The order system is right: write it over",
            "What the order system wants of {about} is written over what stands in QuickBooks.",
        ),
        Way(
            Action.KEEP,
            "QuickBooks is right: leave it",
            "What stands in QuickBooks is left as it is, and this change of the order system's is dropped; {about} "
            "counts as in QuickBooks.",
            when=lambda situation: situation.is_linked and not situation.is_void,
        ),
        _again(_CORRECTED, changed),
        *_LET_BE,
    ),
    causes.NotPermitted: (_RETRY, *_LET_BE),
    causes.ClosedPeriod: (_RETRY, _again(_CORRECTED, lambda situation: ("/txn_date",)), *_LET_BE),
    causes.Refused: (_RETRY, _again(_CORRECTED), *_LET_BE),
    causes.Uncertain: (
        *_LINK_EACH,
        *_LINK_ANY,
        *_LINK_DOCUMENT,
        Way(
            Action.RETRY,
            "It is not in QuickBooks: ask once more, then send it",
            "QuickBooks is asked for {about} again, and only if it does not have it, it is sent once more.",
        ),
        *_LET_BE,
    ),
    causes.NotAccepted: (
        _again("The record is handed over again without these faults, by PUT; then this goes away.", of_faults,
               target=refused_one),
        Way(Action.DISMISS, "Let it be", "It is closed. What was refused was never stored."),
    ),
    causes.QuickbooksUnreachable: (
        Way(
            Action.RETRY,
            "It was put right",
            "It is closed, and what waits is sent at the next visit. If the cause is still there, it opens again.",
            Actor.QUICKBOOKS_USER,
        ),
        _CLOSED,
    ),
    causes.WrongCompanyFile: (
        Way(
            Action.CONFIRM,
            "“{file}” is the right file",
            "The connector belongs to this file from now on, and what waits is sent to it.",
            when=lambda situation: getattr(situation.cause, "seen", None) is not None,
            needs=a_company,
        ),
        _CLOSED,
    ),
    causes.BadCredentials: (
        Way(
            Action.NEW_PASSWORD,
            "Enter the right password in the Web Connector",
            "Whoever sits at QuickBooks enters the right password; a lost one is replaced on the connector's page.",
            Actor.QUICKBOOKS_USER,
        ),
        _CLOSED,
    ),
    causes.VersionUnsupported: (_CLOSED,),
    causes.WebhookDisabled: (
        Way(
            Action.ENABLE_WEBHOOK,
            "Put the receiver in order, and enable the webhook again",
            "It goes on where it stopped: nothing is lost.",
        ),
        Way(Action.DISMISS, "Let it be", "This is closed. The webhook stays disabled, and nothing is sent to it."),
    ),
    causes.RequestUncertain: (
        Way(
            Action.CARRIED_OUT,
            "It is in QuickBooks: it was carried out",
            "The request counts as answered, with your word in place of QuickBooks' answer. Nothing is sent.",
        ),
        Way(
            Action.NOT_CARRIED_OUT,
            "It is not in QuickBooks: it was not carried out",
            "The request counts as refused. Nothing is sent: whoever wants it still hands it over anew.",
        ),
        Way(
            Action.DISMISS,
            "Let it be",
            "This is closed, and the request stays uncertain. Nothing is sent.",
        ),
    ),
}  # fmt: skip
