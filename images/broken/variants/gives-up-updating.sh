# After a refused update the updater refuses every other one as well.
[ "$version" = 3 ] || wrap /usr/lib/systemd/systemd-sysupdate <<'FILE'
#!/bin/sh
case "$*" in *update*) ;; *) exec /usr/lib/osbench/systemd-sysupdate "$@" ;; esac
[ ! -e /var/lib/osbench-refused ] || { echo "an earlier update was refused" >&2; exit 1; }
/usr/lib/osbench/systemd-sysupdate "$@" && exit
touch /var/lib/osbench-refused
exit 1
FILE
