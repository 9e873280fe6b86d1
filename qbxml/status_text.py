"""The catalogue behind `qbxml.status`: (retry, executed, who, meaning, remedy) of every code.

`retry` is OK, T(ransient), R(eread), H(uman), P(ermanent) or U(nknown outcome); `executed` is what the code
proves ("yes", "no", "" for nothing). Remedies speak to a bookkeeper who knows QuickBooks' menus and has never
seen XML. Codes are those of the qbXML SDK, of the QuickBooks Web Connector guide and of implementers' logs.
"""

from __future__ import annotations

Row = tuple[str, str, str, str, str]

_REPORT = (
    "Nothing you did: give support this record and the message, the request has to be built differently."
)
_CORRECT = "Correct the value in the system the record comes from and send it again."
_LOOK = "Look in QuickBooks whether the records are there; link those that are, send the others as new."
_CLOSED = (
    "Ask the administrator to move the closing date (Edit > Preferences > Accounting > Company "
    "Preferences), or change the date of the record."
)
_UNVOID = (
    "Open it in QuickBooks: payments applied to it or a closed period stand in the way. Remove those, "
    "then retry."
)

_OTHERS_IN_THE_WAY = (
    "in use by another",
    "being used by another",
    "modified by another user",
    "changed by another user",
    "edited by another",
    "another user is",
    "acquire the lock",
    "could not be locked",
    "could not lock",
    "unable to lock",
    "is locked by",
    "open in another window",
)

PASSING: dict[int, tuple[str, ...]] = {3170: _OTHERS_IN_THE_WAY, 3180: _OTHERS_IN_THE_WAY}
"""Codes that say "it could not be saved" whatever the reason, and the sentences (lower case, a part of them) by
which QuickBooks tells that others stand in the way. Any other sentence is a refusal for good."""

REFUSED_FOR_GOOD: Row = (
    "H", "no", "staff",
    "QuickBooks could not save the record; its own sentence says why.",
    "Put right what QuickBooks' own sentence names, in QuickBooks or in the order system, then retry.",
)  # fmt: skip
"""What the codes of `PASSING` mean with another sentence."""

STATUSES: dict[int, Row] = {
    0: ("OK", "yes", "staff",
        "QuickBooks carried out the request.",
        ""),
    1: ("OK", "yes", "staff",
        "QuickBooks looked and found nothing that matches.",
        ""),
    500: ("OK", "yes", "staff",
        "QuickBooks did not find some of the records it was asked for.",
        "If the record should exist, look whether it was deleted or merged with another one."),
    501: ("P", "yes", "host",
        "QuickBooks found a record that this version of its interface cannot describe.",
        _REPORT),
    510: ("P", "yes", "host",
        "QuickBooks cannot give this record back.",
        _REPORT),
    530: ("OK", "yes", "host",
        "The record was saved, but without a field this edition of QuickBooks does not have.",
        "Check whether the field named in the message matters to you; if so enter it by hand."),
    531: ("OK", "yes", "host",
        "The record was saved, but without a value this edition of QuickBooks does not know.",
        "Check the field named in the message and set it by hand if it matters."),
    540: ("P", "no", "host",
        "This request exists only in QuickBooks Online.",
        _REPORT),
    550: ("OK", "yes", "staff",
        "The record was saved, but not its notes.",
        "Enter the notes in QuickBooks by hand."),
    560: ("OK", "yes", "host",
        "The record was saved; a field was used that QuickBooks is going to drop.",
        ""),
    570: ("OK", "yes", "staff",
        "The record was saved, but not linked: the other transaction is closed already.",
        "Open both transactions in QuickBooks and link them by hand if they belong together."),
    600: ("OK", "yes", "staff",
        "There was no stored outcome to return or clear.",
        ""),
    1000: ("U", "", "user",
        "QuickBooks had an internal error.",
        ("Restart QuickBooks and run the update again. If it happens again use File > Utilities > "
         "Verify Data.")),
    1010: ("T", "no", "user",
        "QuickBooks was not available.",
        "Wait a few minutes and run the update again."),
    1030: ("P", "no", "host",
        "This edition of QuickBooks does not offer this request.",
        "Check which edition of QuickBooks is in use; the feature may need Premier or Enterprise."),
    1060: ("P", "no", "host",
        "The request carried a name that is too long.",
        _REPORT),
    3000: ("P", "no", "staff",
        "The record refers to something by an id this company file does not know.",
        ("Check that the right company file is open. If it is, refresh the lists and link the "
         "record again.")),
    3010: ("P", "no", "host",
        "A yes/no value has the wrong form.",
        _REPORT),
    3020: ("P", "no", "host",
        "A date has the wrong form or does not exist.",
        _CORRECT),
    3030: ("P", "no", "host",
        "A date range ends before it begins.",
        _REPORT),
    3031: ("P", "no", "host",
        "A range of names or numbers ends before it begins.",
        _REPORT),
    3035: ("P", "no", "host",
        "A duration has the wrong form.",
        _REPORT),
    3040: ("P", "no", "host",
        "An amount has the wrong form.",
        _CORRECT),
    3045: ("P", "no", "host",
        "A price has the wrong form.",
        _CORRECT),
    3050: ("P", "no", "host",
        "A percentage has the wrong form.",
        _CORRECT),
    3060: ("P", "no", "host",
        "A quantity has the wrong form.",
        _CORRECT),
    3065: ("P", "no", "host",
        "An identifier has the wrong form.",
        _REPORT),
    3070: ("P", "no", "host",
        "A text is longer than QuickBooks can hold.",
        "Shorten the text named in the message and send the record again."),
    3080: ("P", "no", "host",
        "A text holds characters QuickBooks does not accept.",
        _CORRECT),
    3085: ("P", "no", "host",
        "A number has the wrong form.",
        _CORRECT),
    3090: ("P", "no", "host",
        "A name holds characters QuickBooks does not accept; a colon is never allowed.",
        "Take the colon out of the name and send the record again."),
    3100: ("R", "no", "staff",
        ("The name is used already. Customers, vendors, employees and other names share one set of"
         " names, and all item types share another; inactive records count."),
        ("Find what holds the name (include inactive records), then link this record to it or "
         "rename one of the two.")),
    3101: ("P", "no", "host",
        "An amount is too large for QuickBooks.",
        _CORRECT),
    3110: ("P", "no", "host",
        "A value is not one of those QuickBooks allows here.",
        _CORRECT),
    3120: ("R", "no", "staff",
        "Something the record refers to is not in QuickBooks: deleted, merged or renamed.",
        ("Refresh the lists. If it is still missing, create it in QuickBooks or choose another "
         "one.")),
    3121: ("P", "no", "staff",
        "The custom field is not defined in this company file.",
        ("Define the custom field in QuickBooks (for example in a customer's Additional Info tab) "
         "and retry.")),
    3130: ("R", "no", "staff",
        "The parent of the record is not in QuickBooks.",
        "Create the parent record first, then retry."),
    3140: ("H", "no", "staff",
        "An account, item, terms, tax code or class the record uses is missing or inactive.",
        "Create it in QuickBooks or make it active again, or choose another one; then retry."),
    3150: ("P", "no", "host",
        "A required field is missing.",
        _CORRECT),
    3151: ("P", "no", "host",
        "A field is not allowed together with another one.",
        _CORRECT),
    3152: ("P", "no", "host",
        "A field is not allowed together with another one.",
        _CORRECT),
    3153: ("P", "no", "host",
        "A field is not allowed together with another one.",
        _CORRECT),
    3160: ("H", "no", "user",
        "The record cannot be deleted because it is in use.",
        "Make the record inactive in QuickBooks instead."),
    3161: ("H", "no", "user",
        "The date lies in a period that is closed.",
        _CLOSED),
    3170: ("T", "no", "user",
        ("QuickBooks could not change the record, most often because a list is open or locked by "
         "another user."),
        "Close open lists and forms in QuickBooks; it is tried again by itself."),
    3171: ("H", "no", "user",
        "The date lies in a period that is closed.",
        _CLOSED),
    3175: ("T", "no", "user",
        "Somebody has the record open in QuickBooks.",
        "Save and close the form in QuickBooks; it is tried again by itself."),
    3176: ("T", "no", "user",
        "Something the record refers to is open in QuickBooks.",
        "Save and close open forms in QuickBooks; it is tried again by itself."),
    3177: ("P", "no", "host",
        "The same transaction is linked twice.",
        _CORRECT),
    3180: ("T", "no", "staff",
        ("QuickBooks could not save the record. Most often a list is in use elsewhere; the message"
         " tells when it is something else."),
        ("Close open forms in QuickBooks and retry. If the message names a balance or an account, "
         "correct that first.")),
    3185: ("H", "no", "user",
        "The transaction cannot be voided.",
        _UNVOID),
    3190: ("H", "no", "user",
        "The transaction cannot be voided.",
        _UNVOID),
    3200: ("R", "no", "staff",
        "The record was changed in QuickBooks since we last read it.",
        "Nothing to do: it is read again and the change is applied to the latest state."),
    3205: ("P", "no", "host",
        "The address is not accepted.",
        "Use at most five lines of 41 characters and send the record again."),
    3210: ("P", "no", "staff",
        "QuickBooks refused the record; its own sentence says why.",
        "Correct what the message names, here or in QuickBooks, and retry."),
    3220: ("H", "no", "user",
        "Whoever is logged in to QuickBooks may not do this.",
        ("Log in to QuickBooks as a user with the right to do it, or ask the administrator for the"
         " right.")),
    3230: ("T", "no", "staff",
        "QuickBooks took the request back because another one of the set failed.",
        "Nothing to do: it is sent again."),
    3231: ("T", "no", "staff",
        "QuickBooks did not come to this request because an earlier one of the set failed.",
        "Nothing to do: it is sent again."),
    3240: ("R", "no", "staff",
        "The id belongs to another state of the company file, perhaps a restored backup.",
        "Check that the right company file is open, then refresh the lists."),
    3250: ("H", "no", "user",
        "A feature the record needs is turned off or not part of this edition.",
        ("Turn the feature on under Edit > Preferences (for example Items & Inventory, or Multiple"
         " Currencies), or leave the field out.")),
    3260: ("H", "no", "user",
        "The user the Web Connector works as has no permission for this.",
        ("In QuickBooks choose Edit > Preferences > Integrated Applications > Company Preferences,"
         " select the application, Properties, and let it log in as a user with the right; or log "
         "in to QuickBooks as one.")),
    3261: ("H", "no", "user",
        "The application has no permission for this, or none for personal data.",
        ("In QuickBooks choose Edit > Preferences > Integrated Applications > Company Preferences,"
         " select the application, Properties, and tick what it needs.")),
    3263: ("H", "no", "user",
        "The application is registered as read-only.",
        "Remove the application from the Web Connector and add it again with a new .qwc file."),
    3270: ("P", "no", "host",
        "The account to post to is missing.",
        "Give the record an account, or set a default account here."),
    3290: ("P", "no", "host",
        "The lines of the change are not in the order QuickBooks has them in.",
        _REPORT),
}  # fmt: skip

RANGES: dict[range, Row] = {
    range(2000, 2041):
        ("P", "no", "host",
         "QuickBooks Online refuses a sign-on, which QuickBooks Desktop does not have.",
         _REPORT),
    range(9100, 9200):
        ("P", "no", "host",
         "The request refers to another one of the same set that failed.",
         "Correct the failed request first."),
}  # fmt: skip
"""Codes that are described together."""

MESSAGE_SET: dict[int, Row] = {
    0: ("OK", "", "staff",
        "Nothing to say about recovery.",
        ""),
    600: ("OK", "", "staff",
        ("No stored outcome matches; perhaps another company file is open or a backup was "
         "restored."),
        "Check that the right company file is open."),
    9001: ("U", "", "staff",
        "QuickBooks holds an outcome under this name, but of other content.",
        _LOOK),
    9002: ("U", "", "staff",
        "QuickBooks knows the set but holds no outcome of it.",
        _LOOK),
    9003: ("U", "", "staff",
        "QuickBooks has a problem with the outcome of an earlier set.",
        _LOOK),
    9004: ("P", "no", "host",
        "The name of the set is not valid; it may have 24 characters.",
        _REPORT),
    9005: ("U", "yes", "staff",
        "QuickBooks carried out the set but could not store its outcome.",
        "Look in QuickBooks whether the records are there; link those that are."),
    9006: ("U", "", "staff",
        "QuickBooks has a problem with the outcome of an earlier set.",
        _LOOK),
}  # fmt: skip
