#!/bin/sh
# Makes OUT/tiny.efi (a UKI), and OUT/tiny.raw and OUT/tiny-4096.raw (disks that hold it, for sectors of 512 and 4096 bytes), from unpacked
# Debian packages.
# No maintainer script and nothing of the guest's architecture ever runs, so no emulation and no root are needed.
set -eu
: "${ARCH:?x86_64, aarch64 or riscv64}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
: "${MIRROR:=http://deb.debian.org/debian}"
here=$(cd "$(dirname "$0")" && pwd)
. "$here/arch.sh"
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin # a Python of the user's own must not run ukify
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1735689600}"

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }

packages="busybox-static dropbear-bin libc6 libcrypt1 libgmp10 libtomcrypt1 libtommath1 zlib1g systemd-boot-efi"
modules="virtio_net virtio_blk virtio_pci virtio_console virtio_rng vfat nls_cp437 nls_ascii efivarfs qemu_fw_cfg evdev pvpanic-pci $modules"
drivers="virtio_scsi sd_mod ahci nvme xhci_pci usb_storage sdhci_pci mmc_block e1000e" # loaded by /sbin/coldplug, where the machine has none of the above

work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-tiny.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$OUT" "$CACHE/apt-$deb/lists/partial" "$CACHE/apt-$deb/archives/partial" "$CACHE/debs-$deb" "$work/x" "$work/root"

# apt with a state of its own: signatures are checked, the host's package database is neither read nor written.
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >"$work/sources.list"
apt() {
	tool=$1; shift
	"$tool" -qq -o Dir::State="$CACHE/apt-$deb" -o Dir::State::status=/dev/null -o Dir::Cache="$CACHE/apt-$deb" \
		-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none \
		-o APT::Architecture="$deb" -o APT::Architectures="$deb" -o APT::Sandbox::User= "$@"
}

say "downloading packages for $deb"
apt apt-get update || die "cannot read the package lists of $MIRROR (set MIRROR to another Debian mirror)"
linux=$(apt apt-cache depends "$kernel" | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
[ -n "$linux" ] || die "$MIRROR has no $kernel for $deb"
(cd "$CACHE/debs-$deb" && apt apt-get download $packages "$linux") || die "cannot download packages from $MIRROR"

say "unpacking"
: >"$work/packages"
for package in $packages "$linux"; do
	file=$(ls -t "$CACHE/debs-$deb/${package}_"*.deb | head -n 1)
	dpkg-deb -x "$file" "$work/x"
	dpkg-deb -f "$file" Package Version | paste -s -d ' ' | sed 's/Package: //; s/Version: //' >>"$work/packages"
done
release=$(basename "$work"/x/usr/lib/modules/*)
vmlinuz=$(echo "$work"/x/boot/vmlinu*)

say "making the initrd"
root=$work/root
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/dev" "$root/proc" "$root/sys" "$root/run" \
	"$root/tmp" "$root/mnt" "$root/var"
mkdir -m 0700 "$root/root"
for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$root/$directory"; done
cp -R "$here/root/." "$root/"
sed -i "s/@CONSOLE@/$console/g" "$root/etc/inittab"
echo "$modules" >"$root/etc/modules"
chmod 0600 "$root/etc/shadow"
chmod 0755 "$root"/usr/sbin/* "$root"/etc/acpi/PWRF/*

cp "$work/x/usr/bin/busybox" "$root/usr/bin/"
# busybox's shell finds its applets without files; these are for init, for dropbear and for whoever calls by full path.
for name in sh init getty login mount umount halt poweroff reboot env cat true false sleep udhcpc; do
	ln -s busybox "$root/usr/bin/$name"
done
ln -s usr/bin/busybox "$root/init"
cp "$work/x/usr/sbin/dropbear" "$work/x/usr/bin/dropbearkey" "$root/usr/bin/"

# By name, wherever the architecture keeps them. The loader's own path is what every binary asks for, link or not.
for library in 'ld-linux-*.so.*' libc.so.6 libcrypt.so.1 libtomcrypt.so.1 libtommath.so.1 libz.so.1 libgmp.so.10; do
	found=$(cd "$work/x" && find usr -name "$library")
	[ -n "$found" ] || die "$library is in none of the packages"
	for path in $found; do
		mkdir -p "$root/${path%/*}"
		case $path in
		*/ld-linux-*) cp -P "$work/x/$path" "$root/$path" ;;
		*) cp -L "$work/x/$path" "$root/$path" ;;
		esac
	done
done

# Unpacked: busybox's modprobe needs no xz then, and one zstd pass over all of them is smaller than xz file by file.
from=$work/x/usr/lib/modules/$release
to=$root/usr/lib/modules/$release
mkdir -p "$work/x/lib" "$to"
ln -s ../usr/lib/modules "$work/x/lib/modules"
depmod -b "$work/x" "$release"
modprobe -d "$work/x" -S "$release" --show-depends -a $modules $drivers 2>"$work/missing" | sed -n 's/^insmod //p' | sort -u >"$work/insmod"
[ ! -s "$work/missing" ] || say "left out: $(sed 's/.*Module \([^ ]*\) not found.*/\1/' "$work/missing" | paste -s -d ' ')"
while read -r module; do
	name=$(basename "$module")
	case $name in
	*.xz) xz -dc "$module" >"$to/${name%.xz}" ;;
	*.zst) zstd -qdc "$module" >"$to/${name%.zst}" ;;
	*) cp "$module" "$to/$name" ;;
	esac
done <"$work/insmod"
cp "$from"/modules.builtin "$from"/modules.builtin.modinfo "$from"/modules.order "$to/"
depmod -b "$root" "$release"
rm -f "$to"/modules.*.bin "$to"/modules.builtin.modinfo "$to"/modules.order "$to"/modules.devname "$to"/modules.softdep "$to"/modules.weakdep

find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$root" && find . -print0 | sort -z | cpio --quiet -0 -o -H newc -R +0:+0 --reproducible) >"$work/initrd.cpio"
zstd -q -19 --check "$work/initrd.cpio" -o "$work/initrd"

say "making the UKI"
ukify build --linux "$vmlinuz" --initrd "$work/initrd" --uname "$release" --cmdline "console=$console" \
	--os-release "@$root/etc/os-release" --stub "$work/x/usr/lib/systemd/boot/efi/$stub" --output "$work/tiny.efi" >"$work/log" 2>&1 ||
	{ cat "$work/log" >&2; die "ukify failed"; }

# FAT16: firmware reads it, and it may be as small as its content (FAT32 starts at 33 MB).
say "making the disks"
kib=$(($(stat -c %s "$work/tiny.efi") / 1024))
touch -d "@$SOURCE_DATE_EPOCH" "$work/tiny.efi"
mkdir "$work/repart"
printf '[Partition]\nType=esp\nLabel=esp\nCopyBlocks=%s\nSizeMinBytes=1M\n' "$work/esp" >"$work/repart/esp.conf"
quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; die "$1 failed"; }; }
disk() { # disk FILE SECTOR: clusters are of 4 KiB
	rm -f "$work/esp"
	truncate -s $(((kib / 1024 + 8) * 1024 * 1024)) "$work/esp"
	quiet mkfs.fat -F 16 -S "$2" -s $((4096 / $2)) -n ESP -i 05BE7C41 --invariant "$work/esp"
	MTOOLS_SKIP_CHECK=1 mmd -i "$work/esp" ::/EFI ::/EFI/BOOT
	MTOOLS_SKIP_CHECK=1 mcopy -m -i "$work/esp" "$work/tiny.efi" "::/EFI/BOOT/BOOT$efi.EFI"
	quiet systemd-repart --empty=create --size=auto --dry-run=no --offline=yes --definitions="$work/repart" --no-pager --sector-size="$2" \
		--seed=5ad0a7e4-9a1d-4c5e-8f1e-0bebc7e5a3c1 "$1"
}
disk "$work/tiny.raw" 512
disk "$work/tiny-4096.raw" 4096

cp "$work/packages" "$OUT/packages.txt"
mv "$work/tiny.efi" "$OUT/tiny.efi"
cp --sparse=always "$work/tiny.raw" "$work/tiny-4096.raw" "$OUT/"
say "done: UKI $((kib / 1024)) MiB, initrd $(($(stat -c %s "$work/initrd") / 1024)) KiB, kernel $release"
