#!/bin/sh
# Makes OUT/derived.oci of FROM/base.oci: the same with one layer on top, which brings a unit and a file and removes another.
set -eu
: "${FROM:?folder with base.oci}" "${OUT:?folder for finished files}"
export SOURCE_DATE_EPOCH=1735689600

echo "osbench: putting a layer on top"
python3 derive.py "$FROM/base.oci" localhost/debian-bootable-container:1 "$OUT/derived.oci" layer
