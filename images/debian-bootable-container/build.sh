#!/bin/sh
# Makes OUT/base.oci, an OCI layout in a folder.
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
*) die "debian-bootable-container knows x86_64, aarch64 and riscv64, not ARCH=$ARCH" ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-bootable.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$OUT" "$CACHE/packages" "$CACHE/initrd" "$CACHE/system" "$work/out" "$work/sandbox/etc/apt/sources.list.d" "$work/initrd"

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
# Where bootable containers carry it: beside the kernel, as part of the image.
mkdir -p "$work/initrd/usr/lib/osbench"
cp "$work/out/initrd.cpio.zst" "$work/initrd/usr/lib/osbench/initramfs.img"
say "building the container image"
make "$here" system --extra-tree="$work/initrd"
mv "$work/out/container" "$OUT/base.oci" 2>/dev/null || mv "$work/out/container.oci" "$OUT/base.oci"

say "done: $(du -sm "$OUT/base.oci" | cut -f 1) MiB"
