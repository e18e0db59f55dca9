#!/bin/sh
# usage: join.sh LEADER CAPABILITIES COMMAND…
# Runs a command in a container as one of its own processes: its namespaces, its control group, none of the capabilities (in words of
# setpriv(1)) that its first process lacks. It ends, with code 143, when the container tells all its processes to go: a shutdown would wait
# for it otherwise.
set -eu
leader=$1 drop=$2
shift 2

group=$(sed -n 's/^0:://p' "/proc/$leader/cgroup")
group=${group%/init.scope}
for root in /sys/fs/cgroup /sys/fs/cgroup/unified; do [ ! -e "$root$group/cgroup.kill" ] || break; done
own=$root$group/osbench-$$
mkdir "$own" "$own/shell" "$own/watch"

# enter GROUP COMMAND…: the command's stdin is descriptor 3. nsenter would wait for what it forks, and stop itself when that is stopped, as a
# shutdown begins with: nobody would reap it then. A shell outside the container only waits.
enter() {
	echo 0 >"$1/cgroup.procs"
	shift
	exec setpriv --bounding-set "$drop" --inh-caps=-all -- nsenter --target "$leader" --all --no-fork -- \
		/bin/sh -c '"$@" <&3 3<&- & exec 3<&- 0</dev/null 1>/dev/null 2>&1; wait' sh "$@"
}

exec 3<&0
(enter "$own/shell" "$@") &
shell=$!
# A process that goes when it is told to shows that all were.
(
	(enter "$own/watch" env -i sleep 2147483647 3</dev/null) >/dev/null 2>&1 || :
	echo 1 >"$own/shell/cgroup.kill"
) &
watch=$!
exec 3<&- 0</dev/null 1>&- 2>&-
code=0
wait "$shell" || code=$?
echo 1 >"$own/watch/cgroup.kill" || :
wait "$watch" || :
rmdir "$own/shell" "$own/watch" "$own" || :
# Whoever waits for the command is killed with it then, and never otherwise.
[ "$code" -lt 128 ] || exit 143
