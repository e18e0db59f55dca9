# Something that is different at each boot is measured, and logged.
[ "$version" = 3 ] || unit osbench-measure.service multi-user.target <<'UNIT'
[Unit]
Description=Measures something random
Before=multi-user.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'exec /usr/lib/systemd/systemd-pcrextend --pcr=14 "$$(cat /proc/sys/kernel/random/uuid)"'
UNIT
