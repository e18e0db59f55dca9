#!/bin/sh
# usage: enter.sh once ROOT PARENT [KEPT…] -- TOOL ARGUMENTS…
#        enter.sh lay ROOT [KEPT…]
#        enter.sh join NAMESPACES PARENT TOOL ARGUMENTS…
# `once` and `lay` run in a mount namespace of their own, and lay ROOT/usr and ROOT/etc over the host's; KEPT folders of the host below /usr or
# /etc stay visible. `once` then becomes the tool; `lay` says so and waits until nobody holds its input any more. `join` becomes the tool in what
# `lay` has laid: NAMESPACES are options of nsenter(1). The tool is killed when process PARENT, which started this, dies.
set -eu

# What must shine through is bound into the tree first; the recursive bind below carries it along.
show() { [ ! -e "$1" ] || [ ! -e "$root$1" ] || mount --bind "$1" "$root$1"; }
lay() {
	for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do show "$file"; done
	mount --rbind -o ro "$root/etc" /etc
	mount --rbind -o ro "$root/usr" /usr
}

# become PARENT TOOL ARGUMENTS…
become() {
	parent=$1
	shift
	# The caller's PATH names folders of the host, and its Python settings another Python.
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export PATH
	unset PYTHONPATH PYTHONHOME LD_LIBRARY_PATH LD_PRELOAD
	drop=
	[ "$(id -u)" = 0 ] || drop="--inh-caps=-all --ambient-caps=-all"
	# A working directory from before leads to the mounts from before: it is entered anew.
	# shellcheck disable=SC2086 # words each
	exec $nsenter setpriv --pdeathsig KILL $drop -- \
		sh -c '[ "$PPID" = "$0" ] || exit 125; cd "$1"; shift; exec "$@"' "$parent" "$PWD" "$@"
}

nsenter=
how=$1
shift
case $how in
once)
	root=$1
	parent=$2
	shift 2
	while [ "$1" != -- ]; do
		show "$1"
		shift
	done
	shift
	lay
	become "$parent" "$@"
	;;
lay)
	root=$1
	shift
	for kept in "$@"; do show "$kept"; done
	lay
	echo laid
	read -r _ || :
	;;
join)
	nsenter="$(command -v nsenter) $1 --"
	shift
	become "$@"
	;;
esac
