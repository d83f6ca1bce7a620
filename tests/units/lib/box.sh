#!/bin/sh
# box.sh try|boot BOX [INPUT RESULTS]: in namespaces of its own: this machine's files below a layer in memory, and there
# systemd, which runs nothing but its journal and inside.sh.
set -eu
verb=$1 box=$2
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$box"
mkdir "$box/upper" "$box/work" "$box/root"
root=$box/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$box/upper,workdir=$box/work" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
[ "$verb" = boot ] || exit 0

for folder in run tmp etc/systemd/system srv var/lib home dev; do
    mount -t tmpfs -o mode=755 tmpfs "$root/$folder"
done
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts" "$root/run/input" "$root/run/results"
chmod 1777 "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount --bind "$3" "$root/run/input"
mount --bind "$4" "$root/run/results"

for list in passwd group shadow gshadow; do
    sed -i -e '/^weir:/d' -e '/^ada:/d' "$root/etc/$list"
done

# Of this machine's own units only the journal.
: >"$root/etc/fstab"
for wanted in "$root"/lib/systemd/system/sysinit.target.wants/* "$root"/lib/systemd/system/local-fs.target.wants/* \
    "$root"/lib/systemd/system/timers.target.wants/* "$root"/lib/systemd/system/sockets.target.wants/*; do
    case $wanted in
    *journal*) ;;
    *) ln -sf /dev/null "$root/etc/systemd/system/${wanted##*/}" ;;
    esac
done
cat >"$root/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh /run/input/lib/inside.sh
StandardOutput=append:/run/results/log
StandardError=append:/run/results/log
TimeoutStartSec=infinity
UNIT
cd "$root"
mkdir -p .before
pivot_root . .before
umount -l .before
exec env -i container=weir PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC \
    /lib/systemd/systemd --unit=inside.service --log-target=journal
