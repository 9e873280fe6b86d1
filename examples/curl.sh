#!/usr/bin/env bash
# A customer, an item and an invoice handed over with curl, and what became of them. It may be run again at any time.
#
#   QBWC_API=http://localhost:8000/api/v1/connectors/harbour QBWC_API_KEY=… examples/curl.sh
set -euo pipefail

qb() {
    curl -sS --fail-with-body --retry 3 -H "Authorization: Bearer $QBWC_API_KEY" -H "Content-Type: application/json" "$@"
    echo
}

qb -X PUT "$QBWC_API/customers/c-7" -d '{"name": "Harbour Fish Co", "email": "ap@harbour.example"}'
qb -X PUT "$QBWC_API/items/i-1" -d '{"sku": "OY-100", "name": "Oyster 100ct", "type": "non_inventory", "price": "92.50"}'
qb -X PUT "$QBWC_API/invoices/SO-1042" -d '{"ref_number": "SO-1042", "customer": {"external_id": "c-7"},
    "lines": [{"item": {"sku": "OY-100"}, "quantity": "12", "rate": "92.50"}]}'

qb "$QBWC_API/invoices/SO-1042?wait=${WAIT:-30}" # until QuickBooks has it, or something stands in the way
qb "$QBWC_API/events?after=0&type=invoice.*"
qb "$QBWC_API/errors"
