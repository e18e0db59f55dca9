#!/bin/sh
# Makes OUT/osb_N.raw (a disk), OUT/osb_N.root.raw and OUT/osb_N.efi (its update) for versions 1 to 3; 3 only as update.
set -eu
: "${ARCH:?x86_64, aarch64 or riscv64}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
: "${MIRROR:=http://deb.debian.org/debian}"
here=$(cd "$(dirname "$0")" && pwd)
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin # a Python of the user's own must not run mkosi
export LC_ALL=C.UTF-8 TZ=UTC

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }

case $ARCH in
x86_64) mkosi_arch=x86-64 ;;
aarch64) mkosi_arch=arm64 ;;
riscv64) mkosi_arch=riscv64 ;;
*) die "debian-ab knows x86_64, aarch64 and riscv64, not ARCH=$ARCH" ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-debian-ab.XXXXXX")
trap '[ "${KEEP:-}" ] || rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$OUT" "$CACHE/packages" "$CACHE/mkosi" "$work/out" "$work/sandbox/etc/apt/sources.list.d"

# With a sources file of our own mkosi adds none: its own would name suites that not every mirror carries.
cat >"$work/sandbox/etc/apt/sources.list.d/mkosi.sources" <<END
Types: deb
URIs: $MIRROR
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END

# make VERSION: leaves osb_VERSION.raw, .root.raw and .efi in $work/out. Packages come from the incremental cache after the first.
make() {
	say "building version $1"
	mkosi --directory="$here" --architecture="$mkosi_arch" --image-version="$1" --mirror="$MIRROR" \
		--sandbox-tree="$work/sandbox" --output-directory="$work/out" --workspace-directory="$work" \
		--package-cache-dir="$CACHE/packages" --cache-directory="$CACHE/mkosi" --incremental=yes --force build \
		>"$work/log" 2>&1 || { tail -n 60 "$work/log" >&2; die "mkosi failed for version $1"; }
}

for version in 1 2; do
	make $version
	ls -la "$work/out"
	cp --sparse=always "$work/out/osb_$version.raw" "$work/out/osb_$version.efi" "$work/out/osb_$version.root.raw" "$OUT/"
done
