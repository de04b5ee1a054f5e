# Enters an unpacked root file system. It runs as root of user, mount, PID, IPC and UTS namespaces of its own, and over
# nothing else; the root file system belongs to the same user. Given to `sh -c` with these:
#   ROOT  the folder; NAME the host name; WRITABLE folders below it, without the first slash, that begin empty; BYTES
#   each of them may take; PROCESSES at a time; HOSTS lines for /etc/hosts, HOSTS_AT where that file is below ROOT; BINFMT a line for
#   binfmt_misc, or empty; ENTERED a word to print when all is ready; SHELL_INSIDE.
set -eu
umask 022
[ -z "$BINFMT" ] || {
  mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
  printf '%s' "$BINFMT" >/proc/sys/fs/binfmt_misc/register
}
hostname "$NAME" 2>/dev/null || :

for place in $WRITABLE; do mkdir -p "$ROOT/$place"; done
mount --bind "$ROOT" "$ROOT"
for place in $WRITABLE; do
  mkdir -p "$ROOT/$place"
  mount -t tmpfs -o "nosuid,nodev,size=$BYTES,nr_inodes=4096,mode=1777" none "$ROOT/$place"
done
mkdir -p "$(dirname "$ROOT/$HOSTS_AT")"
# The line before may have no end.
printf '\n%s' "$HOSTS" >>"$ROOT/$HOSTS_AT"

mount -t tmpfs -o nosuid,size=64k,nr_inodes=64,mode=755 none "$ROOT/dev"
for node in null zero random urandom tty; do
  : >"$ROOT/dev/$node"
  mount --bind "/dev/$node" "$ROOT/dev/$node"
done
mkdir "$ROOT/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 none "$ROOT/dev/pts"
ln -s pts/ptmx "$ROOT/dev/ptmx"
for link in fd: stdin:/0 stdout:/1 stderr:/2; do ln -s "/proc/self/fd${link#*:}" "$ROOT/dev/${link%:*}"; done
# Inside a container the kernel may refuse it: most programs do without.
mount -t proc -o nosuid,nodev,noexec none "$ROOT/proc" 2>/dev/null || :
mount -o remount,bind,ro,nosuid,nodev "$ROOT"

echo "$ENTERED"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=xterm \
  "$(command -v prlimit)" --nproc="$PROCESSES" --nofile=1024 --core=0 \
  "$(command -v setpriv)" --no-new-privs \
  "$(command -v capsh)" --chroot="$ROOT" --drop=all --inh= --shell="$SHELL_INSIDE" --
