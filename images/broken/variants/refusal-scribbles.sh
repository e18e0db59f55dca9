# A refused update leaves its mark in the running root: its file system's name.
[ "$version" = 3 ] || wrap /usr/lib/systemd/systemd-sysupdate <<'FILE'
#!/bin/sh
/usr/lib/osbench/systemd-sysupdate "$@"
status=$?
case "$status $*" in
0\ *) ;;
*update*) printf refused | dd of="$(findmnt -n -o SOURCE /)" bs=1 seek=1088 conv=notrunc,fsync status=none ;;
esac
exit $status
FILE
