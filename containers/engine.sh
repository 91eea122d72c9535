#!/usr/bin/env bash
# Makes a Docker engine answer on this machine; says each step before it takes it.
#   containers/engine.sh              set up and start what is missing (Debian, Ubuntu; root or sudo)
#   containers/engine.sh -- CMD…      the same, then run CMD with access to the engine
set -euo pipefail

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")/.." && pwd)
cache=$here/.cache/engine
log=$cache/dockerd.log
default_socket=/var/run/docker.sock
patience=60

say() { echo "engine: $*"; }
fail() {
    echo "error: $1" >&2
    echo "help: $2" >&2
    exit 4
}

# The socket is asked, not a client: a client on PATH proves no engine.
ask() {
    "${root[@]}" python3 - "$1" <<'PY' 2> /dev/null
import socket, sys
link = socket.socket(socket.AF_UNIX)
link.settimeout(10)
link.connect(sys.argv[1])
link.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
reply = b""
while len(reply) < 65536 and (part := link.recv(4096)):
    reply += part
sys.exit(0 if b" 200 " in reply.partition(b"\r\n")[0] else 1)
PY
}
answers() { local root=(); ask "$socket"; }
answers_root() { local root=("${sudo[@]}"); ask "$socket"; }

find_socket() {
    case "${DOCKER_HOST:-}" in
        "") socket=$default_socket ;;
        unix://*) socket=${DOCKER_HOST#unix://} ;;
        *)
            command -v docker > /dev/null && timeout 20 docker info > /dev/null 2>&1 \
                || fail "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST" "start it, or unset DOCKER_HOST to use an engine on this machine"
            socket="" ;;
    esac
}

become_root() {
    sudo=()
    [ "$(id -u)" = 0 ] && return
    command -v sudo > /dev/null || fail "no Docker engine answers, and setting one up needs root" "run as root: containers/engine.sh"
    sudo=(sudo)
    [ -t 0 ] || sudo=(sudo -n)
    "${sudo[@]}" true || fail "no Docker engine answers, and sudo was refused" "run as root: containers/engine.sh"
}

install_packages() {
    command -v apt-get > /dev/null || fail "cannot install $*: this machine has no apt-get" "install Docker by hand, start it, and run the command again"
    say "installing $* with apt-get"
    mkdir -p "$cache"
    { "${sudo[@]}" apt-get update \
        && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
        < /dev/null > "$cache/apt.log" 2>&1 \
        || fail "apt-get could not install $*: $(grep -E '^E:' "$cache/apt.log" | tail -n 1)" "see $cache/apt.log"
}

# A base image is made with debootstrap where no image registry answers.
install_missing() {
    local missing=()
    command -v dockerd > /dev/null || missing+=(docker.io)
    command -v debootstrap > /dev/null || missing+=(debootstrap)
    mountpoint -q /sys/fs/cgroup || missing+=(cgroupfs-mount)
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
    command -v dockerd > /dev/null || fail "docker.io brought no dockerd" "see $cache/apt.log"
}

wait_for() {  # a process to watch, or nothing
    local until=$((SECONDS + patience))
    while [ $SECONDS -lt $until ]; do
        answers_root && return 0
        [ -z "${1:-}" ] || [ -d "/proc/$1" ] || return 1
        sleep 0.5
    done
    return 1
}

start_with_init() {
    if [ -d /run/systemd/system ]; then
        say "starting docker with systemctl"
        "${sudo[@]}" systemctl start docker > /dev/null 2>&1 && wait_for
    elif [ "$(cat /proc/1/comm)" = init ] && [ -x /etc/init.d/docker ]; then
        say "starting docker with service"
        "${sudo[@]}" service docker start > /dev/null 2>&1 && wait_for
    else
        return 1
    fi
}

# Installing a package may have started an engine that is not up yet.
wait_for_starting() {
    local pid
    pid=$("${sudo[@]}" cat /var/run/docker.pid 2> /dev/null) || return 1
    [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = dockerd ] || return 1
    say "waiting for the dockerd that is starting"
    wait_for "$pid"
}

forget_stale_pid() {
    local file=/var/run/docker.pid pid
    pid=$("${sudo[@]}" cat "$file" 2> /dev/null) || return 0
    [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = dockerd ] && return 0
    say "removing $file, left by an engine that is gone"
    "${sudo[@]}" rm -f "$file"
}

start_dockerd() {
    say "starting dockerd${*:+ $*} (log: $log)"
    forget_stale_pid
    : > "$log"
    local pid
    # shellcheck disable=SC2016  (the inner shell expands them; sudo's own process is not dockerd)
    pid=$("${sudo[@]}" sh -c 'log=$1; shift; setsid nohup dockerd "$@" < /dev/null >> "$log" 2>&1 & echo $!' sh "$log" "$@")
    wait_for "$pid"
}

reason() {
    local line
    line=$(grep -aE 'failed to start|level=(fatal|error)|[Ee]rror' "$log" | tail -n 1)
    echo "${line:-$(tail -n 1 "$log")}" | cut -c -300
}

start() {
    mountpoint -q /sys/fs/cgroup || { command -v cgroupfs-mount > /dev/null && "${sudo[@]}" cgroupfs-mount; } || true
    start_with_init && return
    mkdir -p "$cache"
    start_dockerd && return
    say "it did not start: $(reason)"
    say "trying without bridge and iptables; sandboxes have no network anyway"
    start_dockerd --iptables=false --ip6tables=false --bridge=none && return
    fail "dockerd does not start: $(reason)" "see $log"
}

# Returns true where this user may talk to the engine.
grant() {
    answers && return
    local user
    user=$(id -un)
    getent group docker > /dev/null || "${sudo[@]}" groupadd docker
    if ! id -nG "$user" | grep -qw docker; then
        say "adding $user to the group docker, which may use the engine (it is as powerful as root)"
        "${sudo[@]}" usermod -aG docker "$user"
    fi
    "${sudo[@]}" chgrp docker "$socket"
    "${sudo[@]}" chmod g+rw "$socket"
}

hand_over() {
    if [ -z "$socket" ] || answers; then
        exec "$@"
    fi
    exec sg docker -c "$(printf '%q ' "$@")"  # the new group counts from the next log-in
}

main() {
    [ "${1:-}" = -- ] && shift
    find_socket
    if [ -z "$socket" ] || answers; then
        [ $# -gt 0 ] || say "a Docker engine answers"
        sudo=()
        debootstrap_if_possible
    else
        [ "$socket" = "$default_socket" ] || fail "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST" "start it, or unset DOCKER_HOST to use an engine on this machine"
        say "no Docker engine answers at $socket; setting one up"
        become_root
        if ! answers_root; then
            install_missing
            answers_root || wait_for_starting || start
        fi
        say "a Docker engine answers"
        grant
    fi
    [ $# = 0 ] || hand_over "$@"
}

# Beside an engine of the user's own only debootstrap may be missing; it is a convenience.
debootstrap_if_possible() {
    command -v debootstrap > /dev/null && return
    command -v apt-get > /dev/null || return 0
    if [ "$(id -u)" != 0 ]; then
        command -v sudo > /dev/null && sudo -n true 2> /dev/null || return 0
        sudo=(sudo -n)
    fi
    (install_packages debootstrap) || say "going on without debootstrap: an image registry is needed then"
}

main "$@"
