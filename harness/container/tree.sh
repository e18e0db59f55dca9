# Functions that lay a container's root at $workspace/root. Sourced by a script made for one image, which sets `first`.

layers=0

# layer: prints a new folder for a file system that is read, and what is written over it
layer() {
	layers=$((layers + 1))
	layer=$workspace/layers/$layers
	mkdir -p "$layer/base" "$layer/owned" "$layer/upper" "$layer/work"
	[ -z "$first" ] || chown "$first:$first" "$layer/upper" "$layer/work"
}

attempt() { "$@" 2>"$workspace/error" || fail "tree $* failed: $(cat "$workspace/error")"; }

# owned FOLDER: sets `owned` to where the same files are those of the container's users, who are `first` and up on the host, or the host's own
# without it (mount(8), X-mount.idmap)
owned() {
	owned=$1
	[ -n "$first" ] || return 0
	mount --bind -o "X-mount.idmap=b:0:$first:65536" "$1" "$layer/owned" 2>"$workspace/error" ||
		fail "users $(stat -f -c %T "$1"), which holds $1, cannot show files as those of other users: $(cat "$workspace/error")"
	owned=$layer/owned
}

# over LOWER WHERE: what is written lies in the workspace
over() { attempt mount -t overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" overlay "$2"; }

# folder PATH: a root that is a folder
folder() {
	layer
	mkdir -p "$workspace/root"
	# The root of an overlay looks like that of its upper folder.
	chmod --reference="$1" "$layer/upper"
	owned "$1"
	over "$owned" "$workspace/root"
}

# stretch OFFSET SIZE WHERE: one file system of $disk. What cannot be written is mounted as it is: a machine could not write to it either.
stretch() {
	type=$(blkid -p -O "$1" -S "$2" -s TYPE -o value "$disk")
	options=ro,loop,offset=$1,sizelimit=$2
	case $type in
	'') fail "tree no file system osbench knows at byte $1 of $disk" ;;
	erofs | squashfs)
		layer
		attempt mount -t "$type" -o "$options" "$disk" "$layer/base"
		owned "$layer/base"
		attempt mount --bind "$owned" "$3"
		return
		;;
	vfat | iso9660)
		attempt mount -t "$type" -o "$options${first:+,uid=$first,gid=$first}" "$disk" "$3"
		return
		;;
	ext[234]) options=$options,noload ;;
	xfs) options=$options,norecovery,nouuid ;;
	esac
	layer
	attempt mount -t "$type" -o "$options" "$disk" "$layer/base"
	chmod --reference="$layer/base" "$layer/upper"
	owned "$layer/base"
	over "$owned" "$3"
}

# partition OFFSET SIZE GUID LABEL: notes one for `fstab`
partition() {
	partitions="${partitions:-}$1 $2 $3 $4
"
}

# find_partition SPEC: sets `found` to offset and size of the partition an fstab names, as fstab(5) and libblkid spell it
find_partition() {
	found=
	value=${1#*=}
	value=${value#\"}
	value=${value%\"}
	while read -r offset size guid label; do
		[ -n "$offset" ] || continue
		case $1 in
		PARTLABEL=* | /dev/disk/by-partlabel/*) [ "$label" = "${value##*/}" ] || continue ;;
		PARTUUID=* | /dev/disk/by-partuuid/*) [ "$guid" = "${value##*/}" ] || continue ;;
		UUID=* | /dev/disk/by-uuid/*) [ "$(blkid -p -O "$offset" -S "$size" -s UUID -o value "$disk")" = "${value##*/}" ] || continue ;;
		LABEL=* | /dev/disk/by-label/*) [ "$(blkid -p -O "$offset" -S "$size" -s LABEL -o value "$disk")" = "${value##*/}" ] || continue ;;
		*) return ;;
		esac
		found="$offset $size"
		return
	done <<-END
		$partitions
	END
}

# fstab: mounts what the root's own fstab names of the disk; a container's init passes such lines over.
fstab() {
	[ -f "$workspace/root/etc/fstab" ] || return 0
	while read -r spec where type _; do
		case $spec in '#'* | '') continue ;; esac
		[ "$where" != / ] && [ "$type" != swap ] && [ "$where" != none ] || continue
		find_partition "$spec"
		[ -n "$found" ] && [ -d "$workspace/root$where" ] || continue
		# shellcheck disable=SC2086 # two words
		stretch $found "$workspace/root$where"
	done <"$workspace/root/etc/fstab"
}
