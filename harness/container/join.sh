#!/bin/sh
# usage: join.sh LEADER CAPABILITIES COMMAND…
# Runs a command in a container as one of its own processes: its namespaces, its control group, none of the capabilities (in words of
# setpriv(1)) that its first process lacks. It ends when the container tells all its processes to go, with code 143: a shutdown would wait
# for it otherwise. Code 126: the container could not be entered. Code 127: it could, and has no /bin/sh that starts.
set -eu
leader=$1 drop=$2
shift 2

# Who enters a user namespace has all capabilities in it: they are dropped between its users and the rest.
inside() {
	set -- setpriv --bounding-set "$drop" --inh-caps=-all -- nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --no-fork -- "$@"
	[ "$(readlink "/proc/$leader/ns/user")" = "$(readlink /proc/self/ns/user)" ] || set -- nsenter --target "$leader" --user -- "$@"
	exec "$@"
}

# systemd-nspawn names its child while that is still making its namespaces; nothing tells when it has.
tries=0
while [ "$(readlink "/proc/$leader/ns/cgroup")" = "$(readlink /proc/self/ns/cgroup)" ] || ! (inside /bin/sh -c :) 2>/dev/null; do
	if [ $((tries += 1)) -gt 200 ]; then
		why=$( (export LC_ALL=C; inside /bin/sh -c :) 2>&1 || :)
		case $why in *"failed to execute /bin/sh"*) code=127 ;; *) code=126 ;; esac
		echo "process $leader could not be joined in $tries tries: ${why:-it has no namespaces of its own}" >&2
		exit "$code"
	fi
	sleep 0.02
done

group=$(sed -n 's/^0:://p' "/proc/$leader/cgroup")
group=${group%/init.scope}
for root in /sys/fs/cgroup /sys/fs/cgroup/unified; do [ ! -e "$root$group/cgroup.kill" ] || break; done
own=$root$group/osbench-$$
mkdir "$own"

# Stands in the container between its first process, which inherits and reaps it, and the command: a shutdown waits for children only.
# nsenter's own fork would be nobody's child there, and stop with it when all processes are stopped, as a shutdown begins.
guard='trap "echo told >&9; exit" TERM; "$@" <&3 3<&- 9>&- & exec 3<&-; wait'
enter() {
	echo 0 >"$own/cgroup.procs"
	inside /bin/sh -c '(sh -c "$0" sh "$@" &)' "$guard" "$@"
}

exec 3<&0 8>&1
said=$( (enter "$@") 9>&1 1>&8 8>&-) || :
echo 1 >"$own/cgroup.kill" || :
rmdir "$own" 2>/dev/null || :
[ "$said" != told ] || exit 143
