#!/usr/bin/env bash
# Installs what `python3 -m venv` needs on Debian and Ubuntu, or says what is missing.
set -euo pipefail

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv git >/dev/null
    exit 0
fi
echo "Python's venv module is missing; install it (Debian, Ubuntu: sudo apt-get install python3-venv)." >&2
exit 2
