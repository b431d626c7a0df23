#!/bin/sh
set -e
host="${SEARCH_HOST:-search.internal}"
printf 'Delete the index orders on %s? [y/N] ' "$host"
read -r reply
if [ "$reply" != y ]; then
  echo "nothing done"
  exit 0
fi
curl --fail -X DELETE "https://$host/orders"
curl --fail -X PUT "https://$host/orders" -d @mapping.json
