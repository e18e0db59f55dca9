#!/bin/sh
# Makes $OUT/disk.raw (or disk.qcow2): a disk that boots broken in the way of $MAKE, the lines of one case in cases.yaml.
#   TINY, DEBIAN  folders of the finished images `tiny` and `debian-ab`, from which everything is cut and pasted
#   PARTS         folder kept from case to case: what was taken out of them
#   OUT           folder for the result
#   CACHE         folder kept from run to run: packages of boot loaders
#   MIRROR        Debian mirror they come from
set -eu
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin # a Python of the user's own must not run ukify
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-broken-boot.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
efi=/usr/lib/systemd/boot/efi
layer=$work/layer # what is laid over tiny's initrd
mkdir "$layer"

die() { echo "osbench: $*" >&2; exit 1; }
quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; die "$1 failed"; }; }
pe() { python3 "$here/pe.py" "$@"; }

# parts: kernel, initrd and names of tiny, taken apart once. $parts/root is its unpacked initrd.
parts=$PARTS/tiny
parts() {
	[ ! -e "$parts" ] || return 0
	rm -rf "$parts.draft"
	mkdir -p "$parts.draft/root"
	for section in linux initrd osrel uname; do pe extract "$TINY/tiny.efi" ".$section" "$parts.draft/$section"; done
	zstd -qdc "$parts.draft/initrd" | (cd "$parts.draft/root" && cpio --quiet -id)
	mv "$parts.draft" "$parts"
}

# cpio FOLDER: an archive of it on stdout.
archive() (cd "$1" && find . -mindepth 1 | sort | cpio --quiet -o -H newc -R +0:+0)

# file PATH [MODE] <CONTENT: puts a file into the layer.
file() {
	mkdir -p "$layer/$(dirname "$1")"
	cat >"$layer/$1"
	chmod "${2:-755}" "$layer/$1"
}

# init <LINES: replaces tiny's first program by a shell script. It begins with /proc, /sys and /dev mounted.
init() {
	{ printf '#!/bin/sh\nexport PATH=/usr/bin:/usr/sbin\nmount -t proc proc /proc\nmount -t sysfs sysfs /sys\nmount -t devtmpfs devtmpfs /dev\n'; cat; } | file init
}

# broken_module crash|spin|deaf: a module under /lib/modules that does so when it is loaded.
broken_module() {
	parts
	release=$(cat "$parts/uname")
	mkdir -p "$layer/usr/lib/modules/$release"
	python3 "$here/module.py" "$parts/root/usr/lib/modules/$release/nls_ascii.ko" "$layer/usr/lib/modules/$release/nls_ascii.ko" "$1"
}

# uki FILE [COMMAND LINE] [INITRD…]: tiny's kernel with its initrd and the layer, or with these initrds.
uki() {
	parts
	made=$1 words=${2:-}
	shift "$(($# < 2 ? $# : 2))"
	archive "$layer" >"$work/layer.cpio"
	[ $# -gt 0 ] || set -- "$parts/initrd" "$work/layer.cpio"
	for initrd; do shift; set -- "$@" --initrd "$initrd"; done
	quiet ukify build --linux "$parts/linux" "$@" --cmdline "console=ttyS0 $words" --os-release "@$parts/osrel" --uname "$(cat "$parts/uname")" \
		--stub "$efi/linuxx64.efi.stub" --output "$made"
}

# esp [PATH=FILE…]: $work/esp, a FAT file system that holds these files.
esp() {
	bytes=0
	for pair; do bytes=$((bytes + $(stat -c %s "${pair#*=}"))); done
	mib=$((bytes / 1048576 + 20)) # FAT16 with clusters of 4 KiB begins at 16 MiB
	rm -f "$work/esp"
	truncate -s "${mib}M" "$work/esp"
	quiet mkfs.fat -F 16 -S 512 -s 8 -n ESP -i 05BE7C41 --invariant "$work/esp"
	for pair; do
		folder=
		for name in $(dirname "${pair%%=*}" | tr / ' '); do
			folder=$folder/$name
			mmd -D s -i "$work/esp" "::$folder" >/dev/null 2>&1 </dev/null || :
		done
		mcopy -i "$work/esp" "${pair#*=}" "::/${pair%%=*}"
	done
}

# disk [MIB]: $OUT/disk.raw with $work/esp as its first partition, and a second one of that size.
disk() {
	sectors=$(($(stat -c %s "$work/esp") / 512))
	second=$((sectors + 2048))
	size=$(((second + ${1:-1} * 2048 + 2048) * 512))
	truncate -s "$size" "$OUT/disk.raw"
	printf 'label: gpt\nstart=2048, size=%s, type=uefi, name=esp\nstart=%s, size=%s, type=linux, name=data\n' \
		"$sectors" "$second" "$((${1:-1} * 2048 - 1024))" >"$work/table"
	quiet sfdisk -q "$OUT/disk.raw" <"$work/table"
	dd if="$work/esp" of="$OUT/disk.raw" bs=1M seek=1 conv=notrunc status=none
}

# loaders: shim and GRUB as Debian publishes them, signed; downloaded once. apt has a state of its own, as in images/tiny. Gives $shim and $grub.
loaders() {
	parts
	: "${MIRROR:=http://deb.debian.org/debian}"
	packages='shim-signed shim-helpers-amd64-signed grub-efi-amd64-signed grub-efi-amd64-bin grub-common'
	debs=$CACHE/debs-$(echo "$packages" | cksum | cut -d ' ' -f 1)
	if [ ! -e "$debs" ]; then
		mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/archives/partial" "$debs.draft"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >"$work/sources.list"
		apt() {
			apt-get -qq -o Dir::State="$CACHE/apt" -o Dir::State::status=/dev/null -o Dir::Cache="$CACHE/apt" \
				-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none \
				-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User= "$@" >"$work/log" 2>&1
		}
		apt update || { cat "$work/log" >&2; die "cannot read the package lists of $MIRROR (set OSBENCH_DEBIAN_MIRROR to another one)"; }
		# shellcheck disable=SC2086
		(cd "$debs.draft" && apt download $packages) || { cat "$work/log" >&2; die "cannot download $packages from $MIRROR"; }
		mv "$debs.draft" "$debs"
	fi
	for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$work/x"; done
	shim=$work/x/usr/lib/shim/shimx64.efi.signed
	grub=$work/x/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
}

# grub_starts PATH <KERNEL: a disk on which shim and GRUB start the kernel at PATH, which is at /linux, with tiny's initrd, after $timeout seconds.
grub_starts() {
	cat >"$work/kernel"
	cat >"$work/grub.cfg" <<-END
		set timeout=${timeout:-0}
		menuentry tiny {
		  linux $1 console=ttyS0
		  initrd /initrd
		}
	END
	esp EFI/BOOT/BOOTX64.EFI="$shim" EFI/BOOT/grubx64.efi="$grub" EFI/debian/grub.cfg="$work/grub.cfg" linux="$work/kernel" initrd="$parts/initrd"
	disk
}

# grub_image FILE PREFIX MODULE…: a GRUB with these modules in it, which looks for the others and for its configuration in that folder.
grub_image() {
	made=$1 prefix=$2
	shift 2
	quiet "$work/x/usr/bin/grub-mkimage" -O x86_64-efi -d "$work/x/usr/lib/grub/x86_64-efi" -p "$prefix" -o "$made" "$@"
}

# tiny [COMMAND LINE]: tiny with the layer over it, on a disk.
tiny() {
	uki "$work/tiny.efi" "${1:-}"
	esp EFI/BOOT/BOOTX64.EFI="$work/tiny.efi"
	disk
}

# start PARTITION: its first byte on $OUT/disk.raw.
start() { echo $(($(sfdisk -q -l -o Start "$OUT/disk.raw" | sed -n "$(($1 + 1))p") * 512)); }

# key NAME: $work/NAME.key and $OUT/NAME.crt; sign NAME FILE: signs it in its place.
key() {
	quiet openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=osbench $1/" -keyout "$work/$1.key" -out "$OUT/$1.crt"
}
sign() { quiet sbsign --key "$work/$1.key" --cert "$OUT/$1.crt" --output "$2" "$2"; }

# debian [COMMAND LINE]: debian-ab with these words added to its kernel's command line.
debian() {
	cp --sparse=always "$DEBIAN/osb_1.raw" "$OUT/disk.raw"
	quiet ukify build --cmdline "$*" --stub "$efi/addonx64.efi.stub" --output "$work/words.addon.efi"
	at="$OUT/disk.raw@@$(start 1)"
	name=$(mdir -b -i "$at" ::/EFI/Linux | sed -n 's|^::/EFI/Linux/\(.*\.efi\)$|\1|p')
	[ -n "$name" ] || die "no UKI on the ESP of debian-ab"
	# systemd-stub looks for it under the name without the count of tries.
	plain=$(echo "$name" | sed 's/+[0-9-]*\.efi$/.efi/')
	mmd -i "$at" "::/EFI/Linux/$plain.extra.d"
	mcopy -i "$at" "$work/words.addon.efi" "::/EFI/Linux/$plain.extra.d/words.addon.efi"
}

# unit NAME <CONTENT, drop-in NAME <CONTENT, credential NAME <CONTENT: words for the command line that bring it (systemd.system-credentials(7)).
credential() { printf 'systemd.set_credential_binary=%s:%s ' "$1" "$(base64 -w 0)"; }
unit() { credential "systemd.extra-unit.$1"; }
dropin() { credential "systemd.unit-dropin.$1~broken"; }

eval "$MAKE"
