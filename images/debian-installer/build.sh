#!/bin/sh
# Gets Debian's installer as Debian ships it, in the package debian-installer-13-netboot-ARCH: OUT/tree is what a network serves, with the signed
# shim and GRUB; OUT/linux and OUT/initrd.gz are the same kernel and initrd by themselves. Nothing in them is changed.
set -eu
: "${ARCH:?x86_64, aarch64 or riscv64}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
: "${MIRROR:=http://deb.debian.org/debian}"
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-installer.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

case $ARCH in
x86_64) deb=amd64 efi=x64 ;;
aarch64) deb=arm64 efi=aa64 ;;
riscv64) deb=riscv64 efi=riscv64 ;;
*) die "Debian's installer is not made for ARCH=$ARCH" ;;
esac

# apt with a state of its own: signatures are checked, the host's package database is neither read nor written.
mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/archives/partial" "$CACHE/debs"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >"$work/sources.list"
apt() {
	apt-get -qq -o Dir::State="$CACHE/apt" -o Dir::State::status=/dev/null -o Dir::Cache="$CACHE/apt" \
		-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User= "$@"
}
package=debian-installer-13-netboot-$deb
say "downloading $package"
apt update || die "cannot read the package lists of $MIRROR (set MIRROR to another Debian mirror)"
(cd "$CACHE/debs" && apt download "$package") || die "cannot download $package from $MIRROR"
dpkg-deb -x "$(ls -t "$CACHE/debs/${package}_"*.deb | head -n 1)" "$work/x"

say "copying its network tree"
mkdir -p "$OUT/tree"
cp -RL "$work/x/usr/lib/debian-installer/images/13/$deb/text/." "$OUT/tree"
# One name for every architecture, beside the GRUB that shim asks for in its own folder.
ln -s "debian-installer/$deb/bootnet$efi.efi" "$OUT/tree/bootnet.efi"
ln -s "debian-installer/$deb/grub$efi.efi" "$OUT/tree/grub$efi.efi"
cp "$OUT/tree/debian-installer/$deb/linux" "$OUT/tree/debian-installer/$deb/initrd.gz" "$OUT/"
say "done"
