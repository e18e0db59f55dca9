# The old version, which a person went back to, makes the newest one the default again when it is shut down.
[ "$version" != 1 ] || unit osbench-default.service multi-user.target <<'UNIT'
[Unit]
Description=Leaves the boot loader its own choice

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/bin/bootctl set-default ""
UNIT
