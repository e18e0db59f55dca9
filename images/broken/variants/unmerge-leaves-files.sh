# What extensions brought is still there after they were unmerged.
[ "$version" = 3 ] || {
	: | put /etc/osbench/.keep
	extension_tools <<'FILE'
#!/bin/sh
case ${0##*/} in systemd-sysext) folder=/usr/share/osbench ;; *) folder=/etc/osbench ;; esac
case $1 in
merge | refresh) ! mountpoint -q "$folder" || umount "$folder" ;;
unmerge) rm -rf /run/osbench && cp -a "$folder" /run/osbench ;;
esac
"/usr/lib/osbench/${0##*/}" "$@" || exit
[ "$1" != unmerge ] || mount --bind /run/osbench "$folder"
FILE
}
