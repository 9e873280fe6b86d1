"""The orders, and what they have to do with QuickBooks: handed over with the packing, and marked by what is heard."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from qbwc_server import Connector

CONNECTOR = "harbour"


class Base(DeclarativeBase):
    """The tables of the shop. They lie in the database of qbwc-server, so that one commit is for both."""


class Order(Base):
    """An order for one thing."""

    __tablename__ = "shop_orders"

    number: Mapped[str] = mapped_column(primary_key=True)
    customer: Mapped[str]
    email: Mapped[str]
    sku: Mapped[str]
    quantity: Mapped[int]
    price: Mapped[str]
    is_packed: Mapped[bool] = mapped_column(default=False)
    in_quickbooks: Mapped[str | None]  # the state of its invoice
    txn_id: Mapped[str | None]
    error_id: Mapped[int | None]
    message: Mapped[str | None]
    heard: Mapped[int] = mapped_column(default=0)  # the event that was acted on last

    @property
    def invoice(self) -> dict[str, Any]:
        """Its invoice, as qbwc-server takes it."""
        line = {"item": {"sku": self.sku}, "quantity": self.quantity, "rate": Decimal(self.price)}
        return {"ref_number": self.number, "customer": {"external_id": self.email}, "lines": [line]}


def pack(session: Session, number: str) -> None:
    """Pack an order and hand its invoice over, in one transaction: both are there after the commit, or neither.

    Raises:
        InvalidInput: the invoice has faults; the transaction is to be rolled back.
    """
    order = session.get_one(Order, number)
    order.is_packed = True
    session.flush()
    harbour = Connector(CONNECTOR, connection=session)
    harbour.put("customer", order.email, {"name": order.customer, "email": order.email})
    harbour.put("invoice", order.number, order.invoice)


def hear(session: Session, event: dict[str, Any]) -> None:
    """What became of an invoice. An event that comes again, or late, changes nothing."""
    if event["kind"] != "invoice" or event["to"] is None:
        return
    order = session.scalar(select(Order).where(Order.number == event["external_id"]))
    if order is None or event["id"] <= order.heard:
        return
    data = event["data"]
    order.heard, order.in_quickbooks = event["id"], event["to"]
    order.txn_id = data.get("txn_id") or order.txn_id
    order.error_id, order.message = data.get("error_id"), data.get("message")
