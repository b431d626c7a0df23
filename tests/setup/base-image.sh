#!/bin/sh
# Makes the sandbox image, and its Debian base where no registry is in reach. Does nothing
# when the image of the present recipe exists.
#
# On a machine behind a proxy that inspects TLS, the machine's certificates go into the
# base made here, so that the recipe itself needs to know nothing of them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
recipe=$here/../../sandboxes/docker
base=debian:bookworm-slim
set -- $(python3 -B "$recipe/recipe.py")
tag=$1 digest=$2

if [ "$(docker image inspect --format '{{index .Config.Labels "change-harness.recipe"}}' "$tag" 2>/dev/null)" \
    = "$digest" ]; then
    echo "base-image: $tag is there"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

certificates() {
    for bundle in "${PIP_CERT:-}" "${SSL_CERT_FILE:-}" "${REQUESTS_CA_BUNDLE:-}"; do
        if [ -n "$bundle" ] && [ -f "$bundle" ]; then
            echo "$bundle"
            return
        fi
    done
}

make_base() {
    if ! command -v debootstrap >/dev/null 2>&1; then
        echo "base-image: $base cannot be pulled and debootstrap is not installed" >&2
        exit 1
    fi
    echo "base-image: $base cannot be pulled; making one with debootstrap"
    if ! debootstrap --variant=minbase bookworm "$work/rootfs" >"$work/debootstrap.log" 2>&1; then
        tail -n 20 "$work/debootstrap.log" >&2
        exit 1
    fi
    tar -C "$work/rootfs" --exclude=./var/cache/apt/archives/'*' --exclude=./dev/'*' -c . |
        docker import - "$base" >/dev/null
    rm -rf "$work/rootfs"
}

if ! docker image inspect "$base" >/dev/null 2>&1; then
    timeout 120 docker pull -q "$base" 2>/dev/null || make_base
fi

bundle=$(certificates)
from=$base
if [ -n "$bundle" ]; then
    from=change-harness/test-base:local
    mkdir "$work/context"
    cp "$bundle" "$work/context/machine.crt"
    cat >"$work/context/Dockerfile" <<END
FROM $base
COPY machine.crt /etc/ssl/machine.crt
RUN printf '[global]\ncert = /etc/ssl/machine.crt\ndefault-timeout = 180\n' >/etc/pip.conf
END
    DOCKER_BUILDKIT=0 docker build -q --network host -t "$from" "$work/context" >/dev/null
fi

echo "base-image: building $tag"
if ! DOCKER_BUILDKIT=0 docker build --network host --build-arg "BASE=$from" \
    --label "change-harness.recipe=$digest" -t "$tag" "$recipe/image" >"$work/build.log" 2>&1; then
    tail -n 40 "$work/build.log" >&2
    exit 1
fi
echo "base-image: built $tag"
