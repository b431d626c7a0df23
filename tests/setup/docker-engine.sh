#!/bin/sh
# Starts a Docker engine when none answers, and waits until it does. Does nothing otherwise.
set -eu

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

if answers; then
    echo "docker-engine: $(docker version --format '{{.Server.Version}}') answers"
    exit 0
fi
if ! command -v dockerd >/dev/null 2>&1; then
    echo "docker-engine: dockerd is not installed; install the package docker.io" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "docker-engine: no engine answers and only root can start one; run 'sudo $0'" >&2
    exit 1
fi

log=${DOCKER_ENGINE_LOG:-/var/log/docker-engine.log}
# A pid file of an engine that was killed keeps the next one from starting, all the more when
# another program has its number by now.
for name in docker.pid docker/containerd/containerd.pid; do
    file=/var/run/$name
    [ -f "$file" ] || continue
    case "$(tr '\0' ' ' <"/proc/$(cat "$file")/cmdline" 2>/dev/null || true)" in
        *dockerd* | *containerd*) ;; # one that was killed and not waited for has an empty command line
        *) rm -f "$file" ;;
    esac
done
if command -v setsid >/dev/null 2>&1; then
    setsid dockerd >"$log" 2>&1 </dev/null &
else
    nohup dockerd >"$log" 2>&1 </dev/null &
fi

tries=0
until answers; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ]; then
        echo "docker-engine: dockerd did not answer in 60 seconds; the end of $log:" >&2
        tail -n 20 "$log" >&2
        exit 1
    fi
    sleep 0.5
done
echo "docker-engine: started $(docker version --format '{{.Server.Version}}')"
