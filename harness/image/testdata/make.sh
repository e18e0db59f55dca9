#!/bin/sh
# Makes the samples in this folder anew. Needs Debian trixie's systemd-boot-efi (of amd64, arm64 and riscv64), systemd-ukify, systemd-boot-tools, sbsigntool,
# pesign, openssl, dosfstools, mtools, fdisk, qemu-utils and xorriso.
# usage: make.sh EFI_AMD64 EFI_ARM64 EFI_RISCV64 OUTPUT   the first three are the packages' usr/lib/systemd/boot/efi folders
set -eu
amd64=$1 arm64=$2 riscv64=$3 out=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export SOURCE_DATE_EPOCH=1750000000 MTOOLS_SKIP_CHECK=1

printf 'NAME="Sample OS"\nID=sample\nVERSION_ID=1\nIMAGE_VERSION=1\n' >osrel
printf 'console=ttyS0 quiet' >cmdline
i=0; while [ $i -lt 600 ]; do printf 'kernel %d\n' $i; i=$((i + 1)); done >linux
i=0; while [ $i -lt 90 ]; do printf 'initrd %d\n' $i; i=$((i + 1)); done >initrd
ukify build --stub="$amd64/linuxx64.efi.stub" --linux=linux --initrd=initrd --cmdline=@cmdline --os-release=@osrel --uname=6.12.0-sample \
  --measure --output=sample_1.efi 2>&1 | grep '^#\|^11:' >"$out/sample_1.pcr11.txt"

openssl req -new -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=sample -days 3650 2>/dev/null
sbsign --key key --cert cert --output addonx64.signed.efi "$amd64/addonx64.efi.stub" 2>/dev/null
cp "$amd64/addonx64.efi.stub" addonx64.efi
cp "$arm64/addonaa64.efi.stub" addonaa64.efi
cp "$amd64/systemd-bootx64.efi" .
for efi in sample_1.efi addonx64.efi addonx64.signed.efi addonaa64.efi systemd-bootx64.efi; do
  printf '%s %s\n' "$efi" "$(pesign --hash --in="$efi" | grep -o '[0-9a-f]\{64\}')"
done >"$out/authenticode.txt"

# An x86_64 disk: 512-byte sectors, FAT32, boot loader, UKI, long names, files of more than one cluster out of order, a second partition.
truncate -s 40M disk-x86_64.raw
sfdisk -q disk-x86_64.raw <<S
label: gpt
label-id: 11111111-2222-4333-8444-555555555555
first-lba: 2048
name=esp, size=36M, type=uefi, uuid=aaaaaaaa-0000-4000-8000-000000000001
name=sample_1, type=linux-root-x86-64, uuid=aaaaaaaa-0000-4000-8000-000000000002
S
mkfs.vfat -F 32 -s 1 -i 12345678 -n ESP --offset 2048 disk-x86_64.raw 36864 >/dev/null
disk=disk-x86_64.raw@@1M
mmd -i $disk ::EFI ::EFI/BOOT ::EFI/Linux ::loader "::EFI/A directory with a long name"
head -c 4096 /dev/zero | tr '\0' a >gap
mcopy -i $disk gap ::GAP
mcopy -i $disk "$amd64/systemd-bootx64.efi" ::EFI/BOOT/BOOTX64.EFI
mdel -i $disk ::GAP
mcopy -i $disk sample_1.efi ::EFI/Linux/sample_1+3-0.efi
printf 'timeout 0\n' | mcopy -i $disk - ::loader/loader.conf
printf 'höre\n' | mcopy -i $disk - "::EFI/A directory with a long name/Größe und mehr.txt"

# An aarch64 disk with 4096-byte sectors and FAT16.
truncate -s 24M disk-aarch64-4k.raw
sfdisk -q --sector-size 4096 disk-aarch64-4k.raw <<S
label: gpt
label-id: 11111111-2222-4333-8444-666666666666
name=esp, size=20M, type=uefi, uuid=bbbbbbbb-0000-4000-8000-000000000001
S
mkfs.vfat -F 16 -S 4096 -s 1 -i 23456789 -n ESP4K --offset 256 disk-aarch64-4k.raw 20480 >/dev/null
mmd -i disk-aarch64-4k.raw@@1M ::EFI ::EFI/BOOT
mcopy -i disk-aarch64-4k.raw@@1M addonaa64.efi ::EFI/BOOT/BOOTAA64.EFI

# A riscv64 file system without a partition table, FAT12.
truncate -s 1440K floppy-riscv64.raw
mkfs.vfat -F 12 -i 34567890 -n FLOPPY floppy-riscv64.raw >/dev/null
mmd -i floppy-riscv64.raw ::EFI ::EFI/BOOT
mcopy -i floppy-riscv64.raw "$riscv64/addonriscv64.efi.stub" ::EFI/BOOT/BOOTRISCV64.EFI

# A disk with an MBR whose only partition is Linux, as a BIOS image has; and one whose MBR has an EFI system partition.
truncate -s 2M disk-bios.raw
printf 'label: dos\nlabel-id: 0x44444444\nstart=2048, type=83, bootable\n' | sfdisk -q disk-bios.raw
truncate -s 3M disk-mbr-efi.raw
printf 'label: dos\nlabel-id: 0x55555555\nstart=2048, type=ef\n' | sfdisk -q disk-mbr-efi.raw
mkfs.vfat -F 12 -i 45678901 -n MBRESP --offset 2048 disk-mbr-efi.raw 2048 >/dev/null
mmd -i disk-mbr-efi.raw@@1M ::EFI ::EFI/BOOT
mcopy -i disk-mbr-efi.raw@@1M addonx64.efi ::EFI/BOOT/BOOTX64.EFI

# The same small disk in QEMU's other formats.
qemu-img convert -O qcow2 disk-mbr-efi.raw disk.qcow2
qemu-img convert -c -O qcow2 disk-mbr-efi.raw disk-compressed.qcow2
qemu-img convert -O vmdk disk-mbr-efi.raw disk.vmdk
qemu-img convert -O vpc disk-mbr-efi.raw disk.vhd
qemu-img convert -O vpc -o subformat=fixed disk-mbr-efi.raw disk-fixed.vhd
qemu-img convert -O vhdx disk-mbr-efi.raw disk.vhdx

# An ISO with an El Torito entry for UEFI, no partition table.
mkdir iso
cp floppy-riscv64.raw iso/efi.img
xorriso -as mkisofs -quiet -V SAMPLE -o sample.iso -eltorito-alt-boot -e efi.img -no-emul-boot iso 2>/dev/null

cp addonx64.efi addonx64.signed.efi "$out"
for sample in sample_1.efi disk-x86_64.raw disk-aarch64-4k.raw floppy-riscv64.raw disk-bios.raw disk-mbr-efi.raw disk.qcow2 disk-compressed.qcow2 disk.vmdk disk.vhd disk-fixed.vhd disk.vhdx sample.iso; do
  gzip -9n <"$sample" >"$out/$sample.gz"
done
