#!/bin/sh
# Makes OUT/osb_N.raw (a disk), OUT/osb_N.root.raw and OUT/osb_N.efi (its update) for versions 1 to 3; 3 only as update.
set -eu
: "${ARCH:?x86_64, aarch64 or riscv64}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
: "${MIRROR:=http://deb.debian.org/debian}"
here=$(cd "$(dirname "$0")" && pwd)
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin # a Python of the user's own must not run mkosi
export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=1735689600

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }

case $ARCH in
x86_64) mkosi_arch=x86-64 ;;
aarch64) mkosi_arch=arm64 ;;
riscv64) mkosi_arch=riscv64 ;;
*) die "debian-ab knows x86_64, aarch64 and riscv64, not ARCH=$ARCH" ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-debian-ab.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$OUT" "$CACHE/packages" "$CACHE/initrd" "$CACHE/system" "$work/out" "$work/sandbox/etc/apt/sources.list.d"

# With a sources file of our own mkosi adds none: its own would name suites that not every mirror carries.
cat >"$work/sandbox/etc/apt/sources.list.d/mkosi.sources" <<END
Types: deb
URIs: $MIRROR
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END

# make FOLDER CACHE OPTION…: one image into $work/out; after the first time packages come installed from the incremental cache.
make() {
	folder=$1 cache=$2
	shift 2
	mkosi --directory="$folder" --architecture="$mkosi_arch" --mirror="$MIRROR" --sandbox-tree="$work/sandbox" \
		--output-directory="$work/out" --workspace-directory="$work" --package-cache-dir="$CACHE/packages" \
		--cache-directory="$CACHE/$cache" --incremental=yes --force "$@" build >"$work/log" 2>&1 ||
		{ tail -n 60 "$work/log" >&2; die "mkosi failed in $folder $*"; }
}

say "building the initrd"
make "$here/initrd" initrd
for version in 1 2 3; do
	say "building version $version"
	make "$here" system --image-version="$version"
	made=$work/out/osb_$version
	# The partition is larger than what is in it; an update carries only what is.
	size=$(dump.erofs -s "$made.root.raw" | sed -n 's/^Filesystem blocks: *\([0-9]*\).*/\1/p')
	[ "${size:-0}" -gt 0 ] || die "dump.erofs does not say how many blocks $made.root.raw has"
	truncate -s $((size * 4096)) "$made.root.raw"
	cp "$made.root.raw" "$made.efi" "$OUT/"
	table=$(sfdisk --disk-id "$made.raw" | tr A-F a-f)
	grep -q "$table" "$here/mkosi.extra/usr/lib/udev/rules.d/61-osbench-disk.rules" || die "61-osbench-disk.rules must name table $table"
	[ "$version" = 3 ] || cp --sparse=always "$made.raw" "$OUT/"
	rm -f "$made" "$made".*
done

say "building extensions"
. "$here/extensions.sh"
say "done: UKI $(($(stat -c %s "$OUT/osb_1.efi") / 1048576)) MiB, root $(($(stat -c %s "$OUT/osb_1.root.raw") / 1048576)) MiB"
