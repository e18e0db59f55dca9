#!/bin/sh
# Gets Memtest86+ as Debian ships it: OUT/memtest.iso starts it through GRUB under UEFI and BIOS, OUT/memtest.efi is the program itself.
set -eu
: "${ARCH:?}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
: "${MIRROR:=http://deb.debian.org/debian}"
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-memtest.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
[ "$ARCH" = x86_64 ] || die "Memtest86+ is made for x86_64 only, not ARCH=$ARCH"

# apt with a state of its own: signatures are checked, the host's package database is neither read nor written.
mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/archives/partial" "$CACHE/debs"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >"$work/sources.list"
apt() {
	apt-get -qq -o Dir::State="$CACHE/apt" -o Dir::State::status=/dev/null -o Dir::Cache="$CACHE/apt" \
		-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User= "$@"
}
apt update || die "cannot read the package lists of $MIRROR (set MIRROR to another Debian mirror)"
(cd "$CACHE/debs" && apt download memtest86+) || die "cannot download memtest86+ from $MIRROR"
dpkg-deb -x "$(ls -t "$CACHE/debs/memtest86+_"*.deb | head -n 1)" "$work/x"
cp "$work/x/usr/lib/memtest86+/memtest86+x64.iso" "$OUT/memtest.iso"
cp "$work/x/boot/memtest86+x64.efi" "$OUT/memtest.efi"
cp "$work/x/boot/memtest86+x64.bin" "$OUT/memtest.bin"
say "done"
