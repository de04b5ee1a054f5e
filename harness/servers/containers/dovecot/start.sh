#!/bin/sh
# Runs Dovecot in the foreground with what was rendered into /etc/cutover.
set -eu
mkdir -p /etc/dovecot
cp /etc/cutover/dovecot.conf /etc/dovecot/dovecot.conf
# One's own configuration, mounted over ours: the later setting wins.
own=/etc/cutover/override/dovecot
if [ -d "$own" ]; then
  for file in "$own"/*.conf; do
    [ -f "$file" ] && printf '\n!include %s\n' "$file" >>/etc/dovecot/dovecot.conf
  done
fi
exec /usr/sbin/dovecot -F
