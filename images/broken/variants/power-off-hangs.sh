# Something never stops when the system is told to switch itself off; a reboot, which the other claims need, is let pass
unit osbench-stays.service multi-user.target <<'UNIT'
[Unit]
Description=Never stops

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sh -c 'systemctl list-jobs --no-legend | grep -q poweroff.target || exit 0; exec sleep infinity'
TimeoutStopSec=infinity
UNIT
