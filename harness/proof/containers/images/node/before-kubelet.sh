#!/bin/sh
# The kubelet writes kernel-wide tunables. It gets copies, so that those of the machine stay as they are.
for file in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  copy=/run/tunables/$file
  [ -e "$copy" ] && continue
  mkdir -p "${copy%/*}" && cat "/proc/sys/$file" >"$copy" && mount --bind "$copy" "/proc/sys/$file"
done
# systemd in hybrid mode does not make these in its own hierarchy, and the kubelet waits for them in every one.
for class in besteffort burstable; do
  mkdir -p "/sys/fs/cgroup/systemd/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-$class.slice"
done
