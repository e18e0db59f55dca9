# The power goes while the file systems are still mounted.
[ "$version" = 3 ] || unit osbench-cut.service poweroff.target <<'UNIT'
[Unit]
Description=Switches off at once
DefaultDependencies=no
After=multi-user.target
Before=umount.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo o >/proc/sysrq-trigger'
ExecStart=/bin/sleep 60
UNIT
