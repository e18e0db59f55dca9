# One unit fails at every boot of every version.
[ "$version" = 3 ] || unit osbench-fails.service multi-user.target <<'UNIT'
[Unit]
Description=Fails on purpose

[Service]
Type=oneshot
ExecStart=/bin/false
UNIT
