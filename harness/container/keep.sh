#!/bin/sh
# usage: keep.sh WORKSPACE GROUP
# Keeps one system container, in a mount namespace of its own, from power-on to power-off, and leaves nothing behind, whoever dies first.
# WORKSPACE/tree.sh lays the container's root, WORKSPACE/start.sh becomes systemd-nspawn. Descriptors: 0 and 1 the console, 2 a log,
# 3 a line on which osbench says "kill" (its death says the same), 4 what happens, a line each: up, leader PID, reset, off CODE, failed WORDS.
set -u
workspace=$1 name=$2
root=/sys/fs/cgroup
group=$root/$name
umask 022

# Nobody may be left to hear it: that must not end who clears away.
say() { (echo "$*" >&4) 2>/dev/null || :; }

fail() {
	leave
	say "failed $*"
	end
}

# The watch and the listener wait for what never comes.
end() {
	trap '' TERM
	kill 0
	exit 0
}

# Nothing but rmdir tells that the last process is gone, which takes the kernel a moment after the kill.
remove() {
	echo 1 >"$1/cgroup.kill" 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null
		[ -d "$1" ] || return 0
		sleep 0.05
	done
}

leave() {
	[ ! -d "$group" ] || remove "$group"
	umount -R "$workspace/root" 2>/dev/null || umount -l "$workspace/root" 2>/dev/null
	for base in "$workspace"/layers/*/owned "$workspace"/layers/*/base; do umount "$base" 2>/dev/null; done
	# Nobody else is left to do it.
	[ ! -e "$workspace/orphaned" ] || rm -rf "$workspace"
}

# What the container's manager keeps of it in /run is gone with this namespace.
mount -t tmpfs -o mode=755 osbench /run 2>"$workspace/error" || fail "mounting /run: $(cat "$workspace/error")"
# A host with the old hierarchy has the new one elsewhere, or not mounted at all.
if [ "$(stat -f -c %T "$root")" != cgroup2fs ]; then
	mount -t cgroup2 cgroup2 "$root" 2>"$workspace/error" || fail "cgroup mounting version 2 of the control groups: $(cat "$workspace/error")"
fi
# Left by a keeper that was killed itself: nobody else removes them.
for other in "$root"/osbench-*; do
	owner=${other#"$root"/osbench-}
	[ ! -d "$other" ] || [ -d "/proc/${owner%%-*}" ] || remove "$other"
done
mkdir "$group" 2>"$workspace/error" || fail "cgroup making a control group: $(cat "$workspace/error")"
[ -e "$group/cgroup.kill" ] || fail "cgroup this kernel cannot end a control group at once (cgroup.kill, Linux 5.14)"

{
	read -r word <&3 || : >"$workspace/orphaned"
	echo 1 >"$group/cgroup.kill"
} 0</dev/null 1>/dev/null 4>&- &
watch=$!

. "$workspace/tree.sh"
say up

# systemd-nspawn tells in a datagram which process is the container's first; who hears it must be there before.
mkfifo "$workspace/listening"
{
	socat -d -d -u UNIX-RECVFROM:"$workspace/notify",fork "EXEC:sh ${0%/*}/led.sh" 2>&1 | {
		# Its first words are that it listens.
		read -r _
		echo >"$workspace/listening"
		cat >"$workspace/listener.log"
	}
} 0</dev/null 1>/dev/null 3<&- &
read -r _ <"$workspace/listening"

# One terminal for all restarts.
export OSB_WORKSPACE="$workspace" OSB_GROUP="$group"
socat -d0 -t 1 STDIO "EXEC:sh ${0%/*}/run.sh,pty,setsid,ctty,raw,echo=0" 3<&-
code=$(cat "$workspace/code" 2>/dev/null || echo 255)
leave
say "off $code"
end
