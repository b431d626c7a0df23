#!/bin/sh
set -e
host="${SEARCH_HOST:-search.internal}"
echo "Resetting the index orders on $host"
curl --fail --request DELETE "https://$host/orders"
curl --fail -X PUT "https://$host/orders" -d @mapping.json
