#!/bin/sh
# Runs Postfix in the foreground with what was rendered into /etc/cutover.
set -eu
cp /etc/cutover/main.cf /etc/cutover/master.cf /etc/postfix/
# One's own configuration, mounted over ours: the later setting wins.
own=/etc/cutover/override/postfix
if [ -d "$own" ]; then
  for file in "$own"/*.cf; do
    [ -f "$file" ] || continue
    case "$file" in
      */main.cf) { echo; cat "$file"; } >>/etc/postfix/main.cf ;;
      *) cp "$file" /etc/postfix/ ;;
    esac
  done
fi
# What `postfix start-fg` ends in, without its checks of permissions: the image has passed them when it was built.
exec /usr/lib/postfix/sbin/master -i
