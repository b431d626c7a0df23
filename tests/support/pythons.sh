#!/bin/sh
# Other versions of CPython for tests/pythons, out of Debian's suites, without installing anything:
#
#     tests/support/pythons.sh FOLDER VERSION SUITE [VERSION SUITE ...]
#     tests/support/pythons.sh /opt/pythons 3.9 bullseye 3.13 trixie 3.14 sid
#
# Each becomes FOLDER/VERSION/bin/python with its own C library beside it, so that it runs on any
# system that can run Debian's patchelf and apt-get; both must be installed.
set -eu

folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
mirror=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' | awk '$2 !~ /security|updates/ {print $1; exit}')

while [ $# -gt 1 ]; do
    version=$1 suite=$2
    shift 2
    place=$folder/$version
    [ -x "$place/bin/python" ] && continue
    work=$(mktemp -d)
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
    : >"$work/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources"
    apt="apt-get -qq -o Dir::Etc::sourcelist=$work/sources -o Dir::Etc::sourceparts=/dev/null
        -o Dir::State::lists=$work/lists -o Dir::State::status=$work/status -o Dir::Cache=$work/cache
        -o APT::Sandbox::User=root -o APT::Install-Recommends=false"
    $apt update
    $apt install --yes --download-only "python$version" >/dev/null
    for package in "$work"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/tree" \
            --wildcards './usr/bin/python*' './usr/lib/*' './lib/*' './lib64/*' 2>/dev/null || true
    done

    rm -rf "$place" && mkdir -p "$place/bin" "$place/lib/$version-system"
    cp -r "$work/tree/usr/lib/python$version" "$place/lib/python$version"
    [ -d "$work/tree/usr/lib/python3" ] && cp -r "$work/tree/usr/lib/python3" "$place/lib/python3"
    cp "$work/tree/usr/bin/python$version" "$place/bin/python"
    system=$place/lib/$version-system
    find "$work/tree" -path '*-linux-gnu/*' -name '*.so*' ! -type d -exec cp -P {} "$system" \;
    cp -L "$work"/tree/lib64/ld-linux*.so.* "$system" 2>/dev/null || cp -L "$work"/tree/usr/lib64/ld-linux*.so.* "$system" 2>/dev/null || true
    loader=$(find "$system" -name 'ld-linux*.so.*' | head -n 1)
    patchelf --force-rpath --set-rpath "$system" --set-interpreter "$loader" "$place/bin/python"
    rm -rf "$work"
    "$place/bin/python" -c 'import sys, sqlite3, ssl, ctypes; print(sys.version)'
done
