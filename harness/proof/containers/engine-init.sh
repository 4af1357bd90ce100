#!/bin/sh
# The first process of the engine's namespaces: makes /dev, /proc, /sys and the cgroups in Debian's files, moves there, and becomes dockerd.
# Arguments: the root folder, the folder for images and containers, the folder of the socket; then a pair for each hierarchy: name, mount options.
set -eu
root=$1 data=$2 sockets=$3
shift 3
hostname containers
ip link set lo up
mount --bind "$root" "$root"
mount --make-private "$root"
mkdir -p "$root/var/lib/docker" "$root/lib/modules" "$root/sockets" "$root/mnt/host"
mount --bind "$data" "$root/var/lib/docker"
mount --bind "$sockets" "$root/sockets"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
for device in null zero full random urandom tty kmsg fuse; do
  [ -e "/dev/$device" ] || continue
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
# A cgroup namespace is rooted in the cgroups that this process was started in, so nothing above them is seen.
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
while [ $# -gt 0 ]; do
  mkdir "$root/sys/fs/cgroup/$1"
  mount -t cgroup -o "$2" cgroup "$root/sys/fs/cgroup/$1"
  shift 2
done
# New cpusets begin with the processors of their parent instead of none.
[ ! -e "$root/sys/fs/cgroup/cpuset/cgroup.clone_children" ] || echo 1 >"$root/sys/fs/cgroup/cpuset/cgroup.clone_children"
cd "$root"
pivot_root . mnt/host
umount -l /mnt/host
echo 1 >/proc/sys/net/ipv4/ip_forward
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec tini -s -- dockerd --host unix:///sockets/docker.sock --storage-driver overlay2 --exec-opt native.cgroupdriver=cgroupfs
