# One unit works at the first boot and fails at every later one.
[ "$version" = 3 ] || unit osbench-once.service multi-user.target <<'UNIT'
[Unit]
Description=Works only once

[Service]
Type=oneshot
ExecStart=/bin/mkdir /var/lib/osbench-once
UNIT
