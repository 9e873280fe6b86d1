#!/bin/sh
# The same by hand: hand an invoice over, wait until it is settled, look at what stands in the way.
# QBWC_API=http://localhost:8000/api/v1/connectors/harbour QBWC_API_KEY=… sh by_hand.sh SO-1042
set -eu
number="$1"

ask() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $QBWC_API_KEY" "$@"; echo; }

ask --request PUT --header "Content-Type: application/json" --data @- "$QBWC_API/invoices/$number?wait=1" <<JSON
{"ref_number": "$number", "customer": {"email": "ap@ocean.example"},
 "lines": [{"item": {"sku": "OY-100"}, "quantity": "2", "rate": "9.50"}]}
JSON
ask "$QBWC_API/errors?kind=invoice&external_id=$number"
ask "$QBWC_API/events?kind=invoice&external_id=$number"
