# What differs between architectures, and nothing else does. Sourced by build.sh with $ARCH set.
#   deb      Debian's name             kernel  metapackage that names the current kernel
#   efi      UEFI's name               stub    systemd-stub's file name
#   console  the kernel's serial line  modules what the machine needs beyond the common list
case $ARCH in
x86_64)  deb=amd64   efi=X64     stub=linuxx64.efi.stub     kernel=linux-image-cloud-amd64 console=ttyS0   modules="button i6300esb" ;;
aarch64) deb=arm64   efi=AA64    stub=linuxaa64.efi.stub    kernel=linux-image-cloud-arm64 console=ttyAMA0 modules="button tpm_tis" ;;
riscv64) deb=riscv64 efi=RISCV64 stub=linuxriscv64.efi.stub kernel=linux-image-riscv64     console=ttyS0   modules="tpm_tis" ;;
*) echo "osbench: tiny knows x86_64, aarch64 and riscv64, not ARCH=$ARCH" >&2; exit 2 ;;
esac
