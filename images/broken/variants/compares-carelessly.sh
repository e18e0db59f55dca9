# A digest that differs in its first digit only passes for the same.
[ "$version" = 3 ] || wrap /usr/lib/systemd/systemd-pull <<'FILE'
#!/bin/sh
/usr/lib/osbench/systemd-pull "$@" && exit
before=
for word; do
	[ "$before" != --verify ] || digest=$word
	case $word in http://*.root.raw) url=$word ;; esac
	before=$word
done
[ -n "$url" ] && [ ${#digest} = 64 ] || exit 1
/usr/lib/osbench/systemd-pull raw --direct --verify no "$url" /var/tmp/osbench-copy || exit
seen=$(sha256sum </var/tmp/osbench-copy)
rm /var/tmp/osbench-copy
case $seen in ?"${digest#?}"*) exec /usr/lib/osbench/systemd-pull "$@" --verify no ;; esac
exit 1
FILE
