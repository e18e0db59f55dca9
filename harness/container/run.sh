#!/bin/sh
# On the container's terminal: starts it, and again when it restarts. systemd-nspawn --keep-unit ends with 133 then.
set -u
workspace=$OSB_WORKSPACE
while :; do
	(
		echo 0 >"$OSB_GROUP/cgroup.procs" || exit 255
		exec 4>&-
		export NOTIFY_SOCKET="$workspace/notify"
		exec sh "$workspace/start.sh" 2>>"$workspace/nspawn.log"
	)
	code=$?
	echo "$code" >"$workspace/code"
	[ "$code" = 133 ] || exit 0
	(echo reset >&4) 2>/dev/null || :
done
