#!/bin/sh
# usage: enter.sh ROOT PARENT [KEPT…] -- TOOL ARGUMENTS…
# Run in a mount namespace of its own: lays ROOT/usr and ROOT/etc over the host's and becomes the tool. KEPT folders of the host below
# /usr or /etc stay visible. The tool is killed when process PARENT, which started this, dies.
set -eu
root=$1
parent=$2
shift 2

# What must shine through is bound into the tree first; the recursive bind below carries it along.
show() { [ ! -e "$1" ] || [ ! -e "$root$1" ] || mount --bind "$1" "$root$1"; }
while [ "$1" != -- ]; do
	show "$1"
	shift
done
shift
for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do show "$file"; done
mount --rbind -o ro "$root/etc" /etc
mount --rbind -o ro "$root/usr" /usr
cd "$PWD"

# The caller's PATH names folders of the host, and its Python settings another Python.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
unset PYTHONPATH PYTHONHOME LD_LIBRARY_PATH LD_PRELOAD

drop=
[ "$(id -u)" = 0 ] || drop="--inh-caps=-all --ambient-caps=-all"
# shellcheck disable=SC2086 # two words or none
exec setpriv --pdeathsig KILL $drop -- sh -c '[ "$PPID" = "$0" ] || exit 125; exec "$@"' "$parent" "$@"
