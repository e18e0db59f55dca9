#!/bin/sh
# Makes OUT a copy of the finished image in FROM, one nobody here built, with what VARIANT.sh breaks.
set -eu
: "${FROM:?folder of the finished image}" "${OUT:?folder for finished files}" "${VARIANT:?name of a .sh file beside this one}"
here=$(cd "$(dirname "$0")" && pwd)
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

die() { echo "osbench: $*" >&2; exit 1; }
[ -e "$here/$VARIANT.sh" ] || die "no $VARIANT.sh for VARIANT=$VARIANT"
work=$(mktemp -d "${TMPDIR:-/tmp}/osbench-variant.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cp -a "$FROM/." "$OUT/"
rm -f "$OUT/build.log"

# What a variant says.

# replace FILE OLD NEW: changes bytes of a program, given as Python's bytes; OLD must be there.
replace() {
	python3 -c '
import ast, sys
name, old, new = sys.argv[1], *(ast.literal_eval("b\"" + text + "\"") for text in sys.argv[2:])
data = open(name, "rb").read()
assert len(old) == len(new) and old in data, (name, old, new)
open(name, "wb").write(data.replace(old, new))
' "$OUT/$1" "$2" "$3"
}
# tree FILE...: the one file of that name in the network tree.
tree() { find "$OUT/tree" -name "$1" -type f | head -n 1; }
# initrd PATH SED-SCRIPT: changes a file of the installer's initrd: what is appended to it wins.
initrd() {
	mkdir -p "$work/more/$(dirname "$1")" "$work/whole"
	(cd "$work/whole" && zcat "$OUT/initrd.gz" | cpio --quiet -id "$1")
	sed "$2" "$work/whole/$1" >"$work/more/$1"
	! cmp -s "$work/whole/$1" "$work/more/$1" || die "$2 changes nothing in $1"
	chmod 0755 "$work/more/$1"
	(cd "$work/more" && find . -mindepth 1 | cpio --quiet -o -H newc -R +0:+0) | gzip >"$work/more.gz"
	cat "$work/more.gz" >>"$OUT/initrd.gz"
	cp "$OUT/initrd.gz" "$(tree initrd.gz)"
}

. "$here/$VARIANT.sh"
echo "osbench: $VARIANT made"
