"""The pages of the shop. There is no login: it is for trying out, on one's own machine."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import requests
from flask import Flask, Response, abort, redirect, render_template, request, url_for
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug.wrappers import Response as Answer

from qbwc_server import InvalidInput

from .orders import Base, Order, hear, pack


def create_shop(database_url: str, *, api: str, key: str, webhook_secret: str) -> Flask:
    """The order system as an application.

    Args:
        database_url: of qbwc-server.
        api: the connector's address; questions are asked and answered there.
        key: of scope manage, as what is decided is remembered for good.
    """
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    shop = Flask(__name__)

    def ask(method: str, path: str, **named: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return requests.request(method, f"{api}/{path}", headers=headers, timeout=30, **named)

    @shop.get("/")
    def orders() -> str:
        with Session(engine) as session:
            found = session.scalars(select(Order).order_by(Order.number)).all()
            return render_template("orders.html", orders=found)

    @shop.post("/orders")
    def add() -> Answer:
        form = request.form
        try:
            price, quantity = Decimal(form["price"]), int(form["quantity"])
        except (InvalidOperation, ValueError):
            abort(400, "Quantity and price must be numbers.")
        named = {name: form[name] for name in ("number", "customer", "email", "sku")}
        with Session(engine) as session, session.begin():
            session.add(Order(**named, quantity=quantity, price=str(price)))
        return redirect(url_for("orders"))

    @shop.post("/orders/<number>/pack")
    def pack_order(number: str) -> Answer:
        try:
            with Session(engine) as session, session.begin():
                pack(session, number)
        except InvalidInput as error:
            abort(400, "; ".join(f"{fault.pointer}: {fault.message}" for fault in error.faults))
        return redirect(url_for("orders"))

    @shop.post("/quickbooks")
    def told() -> Response:
        try:
            Webhook(webhook_secret).verify(request.get_data(as_text=True), dict(request.headers))
        except WebhookVerificationError:
            return Response(status=400)
        with Session(engine) as session, session.begin():
            hear(session, json.loads(request.get_data()))
        return Response(status=204)

    @shop.get("/errors/<int:error_id>")
    def question(error_id: int) -> str:
        error = ask("GET", f"errors/{error_id}").json()
        typed = request.args.get("q", "")
        lists = {each["needs"]["look_up"] for each in error["choices"] if each["needs"]} - {None}
        asked = {"q": typed} if typed else {}
        found = {name: ask("GET", f"quickbooks/{name}", params=asked).json()["entries"] for name in lists}
        return render_template("question.html", error=error, found=found, typed=typed)

    @shop.post("/errors/<int:error_id>")
    def answer(error_id: int) -> Answer | tuple[str, int]:
        chosen = {name: request.form[name] for name in ("choice", "token", "value") if request.form.get(name)}
        done = ask("POST", f"errors/{error_id}/answer", json=chosen)
        if not done.ok:  # somebody was quicker, or the value is wrong: it says so in words for people
            return render_template(
                "question.html", error=None, problem=done.json()["detail"]
            ), done.status_code
        return redirect(url_for("orders"))

    return shop
