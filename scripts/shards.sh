#!/bin/sh
# usage: shards.sh COUNT FOLDER ARGUMENTS…
# Runs `osbench run ARGUMENTS… --shard i/COUNT` for every i, each as a process of its own and all at once, into FOLDER/shards, and merges what they
# left into FOLDER/merged. Every program that starts processes on many hosts does the same: docs/pipelines.md.
set -eu
[ $# -ge 3 ] || { sed -n 2,4p "$0" | cut -c3- >&2; exit 2; }
osbench=$(dirname "$(readlink -f "$0")")/../osbench
count=$1
folder=$2
shift 2
index=1
while [ "$index" -le "$count" ]; do
	# What a shard's exit code says is in its records, too; one that is killed leaves what it had.
	"$osbench" run "$@" --shard "$index/$count" --wait --no-live --out "$folder/shards/$index" >&2 &
	index=$((index + 1))
done
wait
exec "$osbench" merge "$folder"/shards/* --to "$folder/merged"
