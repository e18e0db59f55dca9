#!/bin/sh
# Makes OUT a copy of the finished image in FROM, with what VARIANT.sh breaks. The root file systems get a few new blocks, nothing is
# built anew; what a variant leaves alone is the same file.
set -eu
: "${FROM:?folder of the finished image}" "${OUT:?folder for finished files}" "${VARIANT:?name of a .sh file beside this one}"
here=$(cd "$(dirname "$0")" && pwd)
umask 022
export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=1735689600

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }

[ -e "$here/$VARIANT.sh" ] || die "no $VARIANT.sh for VARIANT=$VARIANT"
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-variant.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

units=/usr/lib/systemd/system
esp=1048576 # where the disk's first partition begins, in bytes; the second one, which begins here, is the root
root=135266304

# What a variant says. Paths are those in the running system.

# put PATH [MODE]: a file with standard input as its content.
put() {
	mkdir -p "$tree$(dirname "$1")"
	cat >"$tree$1"
	chmod "${2:-0644}" "$tree$1"
}
# original PATH: what a file holds in the image this one is made from.
original() { dump.erofs --cat --path="$1" "$FROM/osb_$version.root.raw"; }
# change PATH SED-SCRIPT: edits a file; one that the script does not change is a mistake.
change() {
	original "$1" >"$work/before"
	sed "$2" "$work/before" >"$work/after"
	! cmp -s "$work/before" "$work/after" || die "$VARIANT: $2 changes nothing in $1"
	put "$1" <"$work/after"
}
# drop PATH: removes it.
drop() {
	mkdir -p "$tree$(dirname "$1")"
	: >"$tree$(dirname "$1")/.wh.$(basename "$1")"
}
# link PATH TARGET
link() {
	mkdir -p "$tree$(dirname "$1")"
	ln -s "$2" "$tree$1"
}
# unit NAME TARGET: a unit with standard input as its text, started by a target.
unit() {
	put "$units/$1"
	link "$units/$2.wants/$1" "../$1"
}
# wrap PATH: the program is called $real from now on, and standard input is what is called in its place.
wrap() {
	real=/usr/lib/osbench/$(basename "$1")
	original "$1" >"$work/program"
	put "$real" 0755 <"$work/program"
	put "$1" 0755
}
# extension_tools: standard input is called in place of systemd-sysext and systemd-confext; what they were is in /usr/lib/osbench.
extension_tools() {
	wrap /usr/bin/systemd-sysext
	link /usr/lib/osbench/systemd-confext systemd-sysext
}
# uki TEXT TEXT: changes some bytes of the UKI for as many others.
uki() {
	[ ${#1} = ${#2} ] && grep -qaF "$1" "$FROM/osb_$version.efi" || die "$VARIANT: \"$1\" is not in the UKI, or not as long as \"$2\""
	sed "s/$1/$2/" "$FROM/osb_$version.efi" >"$work/osb_$version.efi"
}
# boot_file PATH: a file on the ESP of the installed version with standard input as its content.
boot_file() {
	cat >"$work/boot_file"
	touch -d "@$SOURCE_DATE_EPOCH" "$work/boot_file"
	mcopy -m -o -i "$work/disk@@$esp" "$work/boot_file" "::$1"
}
# A variant may define `finish`, which is called when everything is in $OUT.
finish() { :; }

for file in "$FROM"/*; do ln "$file" "$OUT/" 2>/dev/null || cp --sparse=always "$file" "$OUT/"; done
rm -f "$OUT/build.log"
say "copying the disk"
cp --sparse=always "$FROM/osb_1.raw" "$work/disk"
for version in 3 2 1; do
	tree=$work/tree_$version
	mkdir "$tree"
	. "$here/$VARIANT.sh"
	made=$work/osb_$version.root.raw
	if [ -n "$(ls -A "$tree")" ]; then
		say "changing the root of version $version"
		cp "$FROM/osb_$version.root.raw" "$made"
		tar -C "$tree" -c --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -f "$work/tree.tar" .
		mkfs.erofs --quiet --incremental=data --tar=f --aufs --ovlfs-strip=1 -zlz4hc "$made" "$work/tree.tar" 2>"$work/log" &&
			fsck.erofs "$made" >>"$work/log" 2>&1 || { cat "$work/log" >&2; die "the root of version $version could not be changed"; }
		[ "$version" != 1 ] || dd if="$made" of="$work/disk" bs=1M oflag=seek_bytes seek=$root conv=notrunc,fsync status=none
		mv -f "$made" "$OUT/"
	fi
	if [ -e "$work/osb_$version.efi" ]; then
		say "changing the UKI of version $version"
		[ "$version" != 1 ] || boot_file /EFI/Linux/osb_1.efi <"$work/osb_1.efi"
		mv -f "$work/osb_$version.efi" "$OUT/"
	fi
done
mv -f "$work/disk" "$OUT/osb_1.raw"
finish
say "done"
