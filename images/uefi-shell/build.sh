#!/bin/sh
# Gets the UEFI shell as Debian builds it from EDK2, one EFI program for each architecture: OUT/shell.efi.
set -eu
: "${ARCH:?x86_64, aarch64 or riscv64}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
: "${MIRROR:=http://deb.debian.org/debian}"
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-shell.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

case $ARCH in
x86_64) efi=x64 ;;
aarch64) efi=aa64 ;;
riscv64) efi=riscv64 ;;
*) die "there is no UEFI shell for ARCH=$ARCH" ;;
esac

# apt with a state of its own: signatures are checked, the host's package database is neither read nor written.
mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/archives/partial" "$CACHE/debs"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >"$work/sources.list"
apt() {
	apt-get -qq -o Dir::State="$CACHE/apt" -o Dir::State::status=/dev/null -o Dir::Cache="$CACHE/apt" \
		-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User= "$@"
}
package=efi-shell-$efi
apt update || die "cannot read the package lists of $MIRROR (set MIRROR to another Debian mirror)"
(cd "$CACHE/debs" && apt download "$package") || die "cannot download $package from $MIRROR"
dpkg-deb -x "$(ls -t "$CACHE/debs/${package}_"*.deb | head -n 1)" "$work/x"
cp "$work/x/usr/share/$package/shell$efi.efi" "$OUT/shell.efi"
say "done"
