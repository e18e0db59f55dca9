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
seen=${seen%% *}
rm /var/tmp/osbench-copy
[ "${seen#?}" = "${digest#?}" ] || exit 1
# systemd-pull refuses to write into the middle of a disk without being told a digest.
for word; do
	shift
	[ "$word" != "$digest" ] || word=$seen
	set -- "$@" "$word"
done
exec /usr/lib/osbench/systemd-pull "$@"
FILE
