"""The command line `qbwc-server`: where each command is, and what is said of it."""

from pathlib import Path

import click

from qbwc_server import __version__
from qbwc_server.cli.commands import Commands, Place
from qbwc_server.cli.invocation import Invocation, pass_invocation


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file (TOML); otherwise QBWC_CONFIG. None is needed.",
)
@click.version_option(__version__, prog_name="qbwc-server")
@pass_invocation
def main(invocation: Invocation, config_path: Path | None) -> None:
    """Keeps customers, vendors, items, invoices and purchase orders in step with QuickBooks Desktop."""
    invocation.config_path = config_path


main.lazily(
    {
        "serve": Place("serve", "serve", "Serve the Web Connector and the site until Ctrl-C or SIGTERM."),
        "demo": Place(
            "demo.command",
            "demo",
            "Start a server on a fresh database, hand it records, and let a simulated Web Connector sync them.",
        ),
        "simulate": Place(
            "simulate",
            "simulate",
            "Visit a server as the Web Connector does, with a simulated QuickBooks behind it, until nothing is left.",
        ),
        "replay": Place(
            "replay.command",
            "replay",
            "Run a bundle (a file from a visit's or a record's page) again in the simulator, and say what differs.",
        ),
        "db": Place("database", "db", "The database: its schema, and copies of it."),
        "connector": Place(
            "connectors", "connector", "The connectors: one registration of one company file each."
        ),
        "resync": Place(
            "resync",
            "resync",
            "Reload the whole list cache from QuickBooks at the next visit of the Web Connector.",
        ),
        "user": Place("users", "user", "The people who may log in to the site."),
        "api-key": Place("api_keys", "api_key", "The keys with which host applications use the REST API."),
        "put": Place(
            "handing_over",
            "put",
            "Hand over one record (a JSON object in FILE, or on stdin with -): QuickBooks should hold this.",
        ),
        "get": Place(
            "records", "get", "One record: its state, what QuickBooks calls it, and what stands in its way."
        ),
        "records": Place("record_lists", "records", "The records that were handed over."),
        "cancel": Place(
            "handing_over",
            "cancel",
            "Take back a record that QuickBooks cannot hold, so that it is not sent.",
        ),
        "import": Place(
            "imports",
            "import_",
            "Hand over many records, each with its external_id: NDJSON (one a line), a JSON array, or CSV.",
        ),
        "fields": Place(
            "fields",
            "fields",
            "What a record may hold: the fields of a JSON object, and the columns of a CSV file.",
        ),
        "queue": Place(
            "queue", "queue", "What waits for QuickBooks: on its way, next, and later with the reason."
        ),
        "request": Place(
            "raw_requests",
            "request",
            "Have QuickBooks asked or told anything: one request in qbXML (in FILE, or on stdin with -).",
        ),
        "requests": Place(
            "raw_requests", "requests", "What was asked or told in qbXML with `request`, or by a program."
        ),
        "log": Place("log", "log", "What happened to the connector NAME and its records, oldest first."),
        "webhook": Place("webhooks", "webhook", "The addresses that what happens is sent to."),
        "listen": Place(
            "listen",
            "listen",
            "Send what happens to your own program, as a webhook would: signed, one event after the other.",
        ),
        "errors": Place(
            "errors",
            "errors",
            "The error records: what stands in the way, in plain words, and what to do about it.",
        ),
        "rulings": Place(
            "rulings",
            "group",
            "What people said for good of what could not be told, by answering an error.",
        ),
        "retry": Place(
            "decisions", "retry", "Try a blocked record again: it goes on unless its cause is still there."
        ),
        "link": Place(
            "decisions",
            "link",
            "Say which record of QuickBooks a record is: by ListID, for a document by TxnID.",
        ),
        "unlink": Place(
            "decisions",
            "unlink",
            "Forget which record of QuickBooks a customer, vendor or item is: it is matched anew.",
        ),
        "void": Place(
            "decisions",
            "void",
            "Have an invoice voided in QuickBooks, or a purchase order closed; one never sent is cancelled.",
        ),
        "post-as-new": Place(
            "decisions",
            "post_as_new",
            "Post a document that somebody deleted in QuickBooks once more, as a new one.",
        ),
    }
)
