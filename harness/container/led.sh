#!/bin/sh
# Reads one notification of systemd-nspawn's on stdin and says on descriptor 4 which process is the container's first. Its last line has no end.
while IFS= read -r line || [ -n "$line" ]; do
	case $line in X_NSPAWN_LEADER_PID=*) echo "leader ${line#*=}" >&4 ;; esac
	line=
done
