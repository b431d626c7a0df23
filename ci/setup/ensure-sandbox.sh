#!/usr/bin/env bash
# Makes sure that a sandbox driver can work: bubblewrap is installed where it is missing and this
# user may install it. Without root, bubblewrap and Docker: one sentence, exit status 2.
set -euo pipefail

if command -v bwrap >/dev/null; then
    exit 0
fi
install="apt-get install -y -qq --no-install-recommends bubblewrap"
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install >/dev/null && exit 0
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n apt-get update -qq && sudo -n DEBIAN_FRONTEND=noninteractive $install >/dev/null && exit 0
    fi
fi
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
    exit 0
fi
echo "No sandbox works here: install bubblewrap (Debian, Ubuntu: sudo apt-get install bubblewrap) or start Docker." >&2
exit 2
