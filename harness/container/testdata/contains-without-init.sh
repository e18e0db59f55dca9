#!/bin/sh
# Stands for systemd-nspawn: all namespaces are new, but what is to boot runs without an init.
for word; do case $word in --directory=*) root=${word#*=} ;; esac; done
exec unshare --pid --uts --mount --ipc --net --cgroup --fork sh -c 'mount -t proc proc "$1/proc" && hostname nested; exec chroot "$1" /job' sh "$root"
