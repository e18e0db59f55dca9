# The root is installed without being compared with the list.
[ "$version" = 3 ] || wrap /usr/lib/systemd/systemd-pull <<'FILE'
#!/bin/sh
for word; do
	shift
	case "$word $*" in --verify=*.root.raw*) word=--verify=no ;; esac
	set -- "$@" "$word"
done
exec /usr/lib/osbench/systemd-pull "$@"
FILE
