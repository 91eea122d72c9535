#!/bin/sh
# Makes a minimal Debian or Ubuntu tree with Python 3.11 and packs it as a tar file, as root:
#   bootstrap.sh OUT.tar SUITE MIRROR COMPONENTS PYTHON [DEBOOTSTRAP-OPTION…]
set -eu

out=$1 suite=$2 mirror=$3 components=$4 python=$5
shift 5
PATH=$PATH:/usr/sbin:/sbin
tree=$(mktemp -d "$(dirname "$out")/tree.XXXXXX")
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM

debootstrap --variant=minbase --components="$components" --include="$python" "$@" \
    "$suite" "$tree" "$mirror" \
    || { tail -n 3 "$tree/debootstrap/debootstrap.log" 2> /dev/null; exit 1; }
tar --numeric-owner -C "$tree" --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
    --exclude='./etc/resolv.conf' --exclude='./etc/hostname' \
    --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' -cf "$out" .
chmod a+r "$out"
