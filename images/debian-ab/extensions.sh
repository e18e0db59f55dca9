# Extensions as plain erofs files in $OUT. Sourced by build.sh.
#   extension FILE NAME KIND RELEASE PATH CONTENT [OS-RELEASE]
# NAME is the name it must be installed under (systemd looks for extension-release.NAME), RELEASE its lines, split at spaces.
extension() {
	tree=$work/extension
	rm -rf "$tree"
	case $3 in sysext) releases=$tree/usr/lib/extension-release.d ;; confext) releases=$tree/etc/extension-release.d ;; esac
	mkdir -p "$releases" "$tree$(dirname "$5")"
	printf '%s\n' $4 >"$releases/extension-release.$2"
	printf '%s\n' "$6" >"$tree$5"
	[ -z "${7:-}" ] || printf 'ID=%s\n' "$2" >"$tree$7"
	mkfs.erofs -T "$SOURCE_DATE_EPOCH" --all-root -U 05be7c41-0000-4000-8000-000000000000 "$OUT/$1" "$tree" >"$work/log" 2>&1 ||
		{ cat "$work/log" >&2; die "mkfs.erofs failed for $1"; }
}

# The level outlives an OS update, the version does not.
extension hello.raw hello sysext "ID=osbench SYSEXT_LEVEL=1.0" /usr/share/osbench/hello "hello, one"
extension hello-2.raw hello sysext "ID=osbench SYSEXT_LEVEL=1.0" /usr/share/osbench/hello "hello, two"
extension other-os.raw other-os sysext "ID=elsewhere SYSEXT_LEVEL=1.0" /usr/share/osbench/other-os "must not appear"
extension other-level.raw other-level sysext "ID=osbench SYSEXT_LEVEL=2.0" /usr/share/osbench/other-level "must not appear"
extension version-1.raw version-1 sysext "ID=osbench VERSION_ID=1" /usr/share/osbench/version-1 "only on version 1"
extension impostor.raw impostor sysext "ID=osbench SYSEXT_LEVEL=1.0" /usr/share/osbench/impostor "must not appear" /usr/lib/os-release
extension greeting.raw greeting confext "ID=osbench CONFEXT_LEVEL=1.0" /etc/osbench/greeting "good morning"
extension other-config.raw other-config confext "ID=elsewhere CONFEXT_LEVEL=1.0" /etc/osbench/other-config "must not appear"
