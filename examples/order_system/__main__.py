"""Starts the order system: ``python -m examples.order_system``."""

import os

from .pages import create_shop

if __name__ == "__main__":
    create_shop(
        os.environ["QBWC_DATABASE_URL"],
        api=os.environ["QBWC_API"],
        key=os.environ["QBWC_API_KEY"],
        webhook_secret=os.environ["SHOP_WEBHOOK_SECRET"],
    ).run(port=int(os.environ.get("SHOP_PORT", "5050")))
