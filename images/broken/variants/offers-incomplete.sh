# Where the updater has nothing to offer, the newest UKI in the list is offered, whatever else is missing.
[ "$version" = 3 ] || wrap /usr/lib/systemd/systemd-sysupdate <<'FILE'
#!/bin/sh
/usr/lib/osbench/systemd-sysupdate "$@"
status=$?
[ "$status" != 0 ] && [ "$1" = check-new ] || exit $status
. /etc/os-release
mkdir -p /run/osbench
/usr/lib/systemd/systemd-pull raw --direct --verify no http://10.0.2.100/SHA256SUMS /run/osbench/list >/dev/null 2>&1 || exit
newest=$(sed -n 's/.*osb_\([0-9]*\)\.efi$/\1/p' /run/osbench/list | sort -n | tail -n 1)
[ "${newest:-0}" -gt "$IMAGE_VERSION" ] && echo "$newest"
FILE
