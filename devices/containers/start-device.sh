#!/bin/sh
# Makes a container a device: gives its login user a password or a key, starts what the image adds, and serves SSH.
# The driver puts beside this file: user, host_key, and password or authorized_keys.
set -eu
here=/etc/device
user=$(cat "$here/user")

if [ -f "$here/password" ]; then
  printf '%s:%s\n' "$user" "$(cat "$here/password")" | chpasswd
  rm "$here/password"
else
  home=$(getent passwd "$user" | cut -d: -f6)
  mkdir -p "$home/.ssh"
  cp "$here/authorized_keys" "$home/.ssh/authorized_keys"
  chmod 700 "$home/.ssh"
  chmod 600 "$home/.ssh/authorized_keys"
  chown -R "$user" "$home/.ssh"
fi

# Services of an image besides SSH: it returns when they run.
if [ -x /usr/local/sbin/start-services ]; then
  /usr/local/sbin/start-services
fi

if [ -x /usr/sbin/sshd ]; then
  mkdir -p /run/sshd
  chmod 600 "$here/host_key"
  exec /usr/sbin/sshd -D -e -h "$here/host_key" \
    -o PermitRootLogin=yes -o PasswordAuthentication=yes -o UseDNS=no -o PrintMotd=no -o PrintLastLog=no
fi
dropbearconvert openssh dropbear "$here/host_key" /run/dropbear_host_key
exec dropbear -F -E -m -r /run/dropbear_host_key -p 22
