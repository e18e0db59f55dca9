#!/bin/sh
# Packs the finished image `tiny` in FROM in another FORM into OUT: the same system each time, so that what fails is the form.
set -eu
: "${FROM:?folder of the finished image}" "${OUT:?folder for finished files}" "${CACHE:?}" "${ARCH:?}" "${FORM:?one of those below}"
: "${MIRROR:=http://deb.debian.org/debian}"
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1735689600

say() { echo "osbench: $*"; }
die() { echo "osbench: $*" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-form.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

case $ARCH in
x86_64) deb=amd64 efi=X64 ;;
aarch64) deb=arm64 efi=AA64 ;;
riscv64) deb=riscv64 efi=RISCV64 ;;
*) die "no Debian name for ARCH=$ARCH" ;;
esac

convert() { qemu-img convert -f raw -O "$@" "$FROM/tiny.raw" "$OUT/tiny.$FORM"; }

# section NAME FILE: what a section of the UKI holds.
section() { uki_section "$1" >"$2"; }
uki_section() {
	python3 -c '
import struct, sys
data = open(sys.argv[1], "rb").read()
pe = struct.unpack_from("<I", data, 60)[0]
count, optional = struct.unpack_from("<H", data, pe + 6)[0], struct.unpack_from("<H", data, pe + 20)[0]
for i in range(count):
    name, virtual, _, raw, at = struct.unpack_from("<8sIIII", data, pe + 24 + optional + 40 * i)
    if name.rstrip(b"\0").decode() == sys.argv[2]:
        sys.stdout.buffer.write(data[at : at + min(virtual, raw)])
' "$FROM/tiny.efi" "$1"
}
kernel() {
	section .linux "$OUT/linux"
	section .initrd "$OUT/initrd"
	[ -s "$OUT/linux" ] && [ -s "$OUT/initrd" ] || die "tiny.efi has no kernel or no initrd"
}

# modules NAME...: puts these modules of tiny's kernel, and what they need, into $work/more in the order of loading.
modules() {
	package=$(sed -n 's/^\(linux-image-[^ ]*\) .*/\1/p' "$FROM/packages.txt")
	version=$(sed -n 's/^linux-image-[^ ]* //p' "$FROM/packages.txt")
	apt="$CACHE/apt-$deb"
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$CACHE/debs" "$work/x/lib" "$work/more/usr/lib/form"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >"$work/sources.list"
	set_apt="-qq -o Dir::State=$apt -o Dir::State::status=/dev/null -o Dir::Cache=$apt -o Dir::Etc::SourceList=$work/sources.list \
		-o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none -o APT::Architecture=$deb -o APT::Architectures=$deb -o APT::Sandbox::User="
	if ! ls "$CACHE/debs/${package}_${version}_"*.deb >"$work/log" 2>&1; then
		say "downloading the modules of $package $version"
		apt-get $set_apt update && (cd "$CACHE/debs" && apt-get $set_apt download "$package=$version") ||
			die "cannot download $package $version from $MIRROR"
	fi
	dpkg-deb -x "$CACHE/debs/${package}_${version}_"*.deb "$work/x"
	[ -e "$work/x/lib/modules" ] || ln -s ../usr/lib/modules "$work/x/lib/modules"
	release=$(basename "$work"/x/usr/lib/modules/*)
	depmod -b "$work/x" "$release"
	number=100
	modprobe -d "$work/x" -S "$release" --show-depends -a "$@" | sed -n 's/^insmod //p' | awk '!seen[$0]++' >"$work/insmod"
	while read -r module; do
		case $module in
		*.xz) xz -dc "$module" >"$work/more/usr/lib/form/$number-$(basename "$module" .xz)" ;;
		*) cp "$module" "$work/more/usr/lib/form/$number-$(basename "$module")" ;;
		esac
		number=$((number + 1))
	done <"$work/insmod"
}
# append: adds $work/more to the initrd. The kernel unpacks one archive after the other, the later one wins.
append() {
	find "$work/more" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	(cd "$work/more" && find . -mindepth 1 -print0 | sort -z | cpio --quiet -0 -o -H newc -R +0:+0 --reproducible) >"$work/more.cpio"
	# Where it does not begin at a multiple of four bytes the kernel passes over it (initramfs buffer format).
	truncate -s %4 "$OUT/initrd"
	cat "$work/more.cpio" >>"$OUT/initrd"
}
# seeded: no way in but the one a seed opens; tiny opens a shell by itself.
seeded() {
	mkdir -p "$work/more/usr/sbin"
	printf '#!/bin/sh\nexec sleep 86400\n' >"$work/more/usr/sbin/shell-channel"
	chmod 0755 "$work/more/usr/sbin/shell-channel" "$work/more/usr/sbin/credentials"
	append
}
# root TYPE COMMAND...: the initrd mounts a root file system of that type from the first disk and goes on there.
root() {
	type=$1
	kernel
	mkdir "$work/tree"
	(cd "$work/tree" && zstd -qdc "$OUT/initrd" | cpio --quiet -idm)
	modules virtio_pci virtio_blk "$type"
	cat >"$work/more/init" <<EOF
#!/bin/sh
export PATH=/usr/bin:/usr/sbin
mount -t devtmpfs dev /dev
for module in /usr/lib/form/*; do insmod \$module; done
mount -t $type -o ro /dev/vda /mnt && mount -t tmpfs tmpfs /mnt/root
exec busybox switch_root /mnt /init
EOF
	chmod 0755 "$work/more/init"
	append
}

say "packing tiny as $FORM"
case $FORM in
gz) gzip -1 <"$FROM/tiny.raw" >"$OUT/tiny.raw.gz" ;;
xz) xz -0 <"$FROM/tiny.raw" >"$OUT/tiny.raw.xz" ;;
zst) zstd -q -1 "$FROM/tiny.raw" -o "$OUT/tiny.raw.zst" ;;
qcow2) convert qcow2 -c ;;
vmdk) convert vmdk -o subformat=streamOptimized ;;
vhd-fixed) convert vpc -o subformat=fixed,force_size=on ;;
vhd-dynamic) convert vpc -o subformat=dynamic,force_size=on ;;
vhdx) convert vhdx ;;
uki) cp "$FROM/tiny.efi" "$OUT/" ;;
iso)
	mkdir "$work/iso"
	truncate -s $(($(stat -c %s "$FROM/tiny.efi") / 1048576 + 4))M "$work/iso/efi.img"
	mkfs.fat -F 16 -n EFI -i 05BE7C43 --invariant "$work/iso/efi.img" >"$work/log"
	mmd -i "$work/iso/efi.img" ::/EFI ::/EFI/BOOT
	mcopy -i "$work/iso/efi.img" "$FROM/tiny.efi" "::/EFI/BOOT/BOOT$efi.EFI"
	xorriso -as mkisofs -quiet -V TINY -o "$OUT/tiny.iso" -e efi.img -no-emul-boot "$work/iso"
	;;
kernel) kernel ;;
squashfs)
	root squashfs
	mksquashfs "$work/tree" "$OUT/root.squashfs" -all-root -quiet -no-progress -comp zstd -Xcompression-level 1 >"$work/log"
	;;
erofs)
	root erofs
	mkfs.erofs --quiet --all-root -T "$SOURCE_DATE_EPOCH" "$OUT/root.erofs" "$work/tree"
	;;
netboot)
	mkdir -p "$OUT/tree/boot"
	cp "$FROM/tiny.efi" "$OUT/tree/boot/"
	;;
nocloud)
	# What cloud-init does with a NoCloud seed, as far as an SSH key goes.
	kernel
	mkdir -p "$work/more/usr/sbin"
	cat >"$work/more/usr/sbin/credentials" <<'EOF'
#!/bin/sh
for disk in /dev/vd?; do
	label=$(dd if="$disk" bs=1 skip=43 count=11 2>/dev/null) # where FAT keeps it; no blkid here
	[ "$label" != "CIDATA     " ] || mount -t vfat -o ro "$disk" /mnt
done
mkdir -p /root/.ssh
sed -n 's/^ *- \(ssh-[a-z0-9-]* .*\)$/\1/p' /mnt/user-data >/root/.ssh/authorized_keys
umount /mnt
EOF
	seeded
	;;
ignition)
	# What Ignition does with its configuration, as far as an SSH key goes.
	kernel
	mkdir -p "$work/more/usr/sbin"
	cat >"$work/more/usr/sbin/credentials" <<'EOF'
#!/bin/sh
mkdir -p /root/.ssh
sed -n 's/.*"sshAuthorizedKeys":\["\([^"]*\)"\].*/\1/p' /sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config/raw >/root/.ssh/authorized_keys
EOF
	seeded
	;;
*) die "no form $FORM" ;;
esac
say "done"
