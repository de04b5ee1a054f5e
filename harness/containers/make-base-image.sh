#!/usr/bin/env bash
# Makes the image that ours are built on, where no registry is reachable: a minimal Debian 12 from its packages.
#   make-base-image.sh [IMAGE]        default debian:bookworm-slim; does nothing when it is there
# CUTOVER_DEBIAN_MIRROR: where packages come from (default: debootstrap's own); it stays the image's source of packages.
set -euo pipefail

image=${1:-debian:bookworm-slim}
mirror=${CUTOVER_DEBIAN_MIRROR:-}

fail() {
  echo "make-base-image: $1" >&2
  echo "  → $2" >&2
  exit 78
}

command -v docker >/dev/null || fail 'the docker client is missing.' 'apt-get install docker.io'
docker version >/dev/null 2>&1 || fail 'no container engine answers.' 'Start it (see README.md in this folder).'
if docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image is here."
  exit 0
fi
[[ $EUID -eq 0 ]] || fail 'only root can make a root file system.' "sudo --preserve-env=CUTOVER_DEBIAN_MIRROR $0 $image"
command -v debootstrap >/dev/null || fail 'debootstrap is missing.' 'apt-get install debootstrap'

# Not /tmp: it may forbid devices, which debootstrap makes.
work=$(mktemp -d /var/tmp/cutover-base-XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root

debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"} >"$work/log" 2>&1 || {
  tail -n 20 "$work/log" >&2
  fail 'debootstrap failed; the end of its log is above.' 'Is a Debian mirror reachable? CUTOVER_DEBIAN_MIRROR names another.'
}

# Packages must not start their daemons while an image is built.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}/*
# Of this host, copied in by debootstrap; the engine writes its own.
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"

tar --create --numeric-owner --directory "$root" . |
  docker import --change 'CMD ["bash"]' --message 'Debian 12, minimal, made by debootstrap' - "$image" >/dev/null
echo "$image is made."
