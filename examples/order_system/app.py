"""A small order system: an order is packed, its invoice goes to QuickBooks in the same transaction, and what becomes of
it is shown, with what somebody has to decide.

Run it on the database of qbwc-server (`docs/in-process.md` says how both share one)::

    pip install ./clients/python
    export SHOP_DATABASE_URL=sqlite:////home/me/qbwc/qbwc.db QBWC_CONNECTOR=harbour QBWC_WEBHOOK_SECRET=whsec_…
    flask --app examples/order_system/app.py run

It has no login and no CSRF tokens: yours has.
"""

from __future__ import annotations

import os
from decimal import Decimal

from flask import Flask, abort, redirect, render_template_string, request, url_for
from qbwc_client import Event, WrongSignature, verified
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
    update,
)
from werkzeug.wrappers import Response

from qbwc_server import Conflict, Connector, InvalidInput

metadata = MetaData()
orders = Table(
    "shop_order",
    metadata,
    Column("number", String, primary_key=True),
    Column("customer_name", String, nullable=False),
    Column("customer_email", String, nullable=False),
    Column("sku", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price", String, nullable=False),
    Column("state", String, nullable=False, default="open"),
    Column("in_quickbooks", String, nullable=False, default=""),
    Column("txn_id", String),
    Column("heard", Integer, nullable=False, default=0),
)


def create_app(database_url: str, connector: str, webhook_secret: str) -> Flask:
    """The order system.

    Args:
        database_url: of the database that holds the tables of both.
        connector: its name.
        webhook_secret: of the webhook that leads to ``/quickbooks``.
    """
    app = Flask(__name__)
    engine = create_engine(database_url)
    metadata.create_all(engine)

    @app.get("/")
    def overview() -> str:
        with engine.begin() as conn:
            lent = Connector(connector, connection=conn)
            asked = [lent.error(error.id) for error in lent.errors()]
            found = conn.execute(select(orders).order_by(orders.c.number)).all()
        return render_template_string(PAGE, orders=found, errors=asked, told=request.args.get("told", ""))

    @app.post("/orders/<number>/pack")
    def pack(number: str) -> Response:
        try:
            pack_order(engine, connector, number)
        except InvalidInput as refused:
            return redirect(url_for("overview", told=f"{number} was not packed: {refused}"))
        return redirect(url_for("overview"))

    @app.post("/errors/<int:error_id>/answer")
    def answer(error_id: int) -> Response:
        chosen = request.form
        try:
            with engine.begin() as conn:
                lent = Connector(connector, connection=conn)
                lent.answer(error_id, chosen["choice"], token=chosen["token"], value=chosen.get("value"))
        except (Conflict, InvalidInput) as refused:  # somebody was faster, or a value is missing
            return redirect(url_for("overview", told=str(refused)))
        return redirect(url_for("overview"))

    @app.post("/quickbooks")
    def hear() -> tuple[str, int]:
        try:
            event = verified(webhook_secret, request.get_data(), dict(request.headers))
        except WrongSignature:
            abort(400)
        with engine.begin() as conn:
            note(conn, event)
        return "", 204

    app.extensions["engine"] = engine
    return app


def pack_order(engine: Engine, connector: str, number: str) -> None:
    """Pack an order and hand its invoice over: both, or neither."""
    with engine.begin() as conn:
        packed = update(orders).where(orders.c.number == number, orders.c.state == "open")
        order = conn.execute(packed.values(state="packed").returning(orders)).one_or_none()
        if order is None:
            return  # a double click
        # last, as from here to the commit nobody else's turn comes
        lent = Connector(connector, connection=conn)
        lent.put(
            "invoice",
            number,
            {
                "ref_number": number,
                "customer": {"email": order.customer_email},
                "lines": [
                    {"item": {"sku": order.sku}, "quantity": order.quantity, "rate": Decimal(order.price)}
                ],
            },
        )


def note(conn: Connection, event: Event) -> None:
    """Keep what became of an invoice. An event may come twice, and late: what is older than what was heard is passed
    over."""
    if event.kind != "invoice":
        return
    values = {"heard": event.id, "in_quickbooks": event.type.partition(".")[2]}
    if event.data.get("txn_id"):
        values["txn_id"] = event.data["txn_id"]
    newer = (orders.c.number == event.external_id, orders.c.heard < event.id)
    conn.execute(update(orders).where(*newer).values(values))


def take_order(
    engine: Engine, number: str, customer: tuple[str, str], sku: str, quantity: int, price: str
) -> None:
    """An order comes in: its number, the customer's name and email, what, how many, for how much each."""
    name, email = customer
    with engine.begin() as conn:
        conn.execute(
            insert(orders).values(
                number=number,
                customer_name=name,
                customer_email=email,
                sku=sku,
                quantity=quantity,
                price=price,
            )
        )


PAGE = """<!doctype html>
<title>Orders</title>
{% if told %}<p role="alert">{{ told }}</p>{% endif %}
<table>
{% for order in orders %}
<tr><th>{{ order.number }}<td>{{ order.customer_name }}<td>{{ order.quantity }} × {{ order.sku }}
<td>{{ order.state }}<td>{{ order.in_quickbooks }}<td>{{ order.txn_id or "" }}
<td>{% if order.state == "open" %}<form method="post" action="{{ url_for('pack', number=order.number) }}">
<button>Pack</button></form>{% endif %}
{% endfor %}
</table>
{% for error in errors %}
<section><h2>{{ error.message }}</h2><p>{{ error.remedy }}</p>
{% for choice in error.choices if choice.answerable %}
<form method="post" action="{{ url_for('answer', error_id=error.id) }}">
<input type="hidden" name="token" value="{{ error.token }}"><input type="hidden" name="choice" value="{{ choice.id }}">
{% if choice.needs %}<label>{{ choice.needs.description }} <input name="value" required></label>{% endif %}
<button title="{{ choice.consequence }}">{{ choice.label }}</button></form>
{% endfor %}</section>
{% endfor %}
"""

if "SHOP_DATABASE_URL" in os.environ:
    app = create_app(
        os.environ["SHOP_DATABASE_URL"],
        os.environ.get("QBWC_CONNECTOR", "harbour"),
        os.environ.get("QBWC_WEBHOOK_SECRET", ""),
    )
