#!/bin/sh
# Signs tiny's UKI, from FROM, with a key that is made once and kept in CACHE, and puts it in the place of the other on a copy of tiny's disk.
set -eu
: "${FROM:?folder of the finished tiny}" "${OUT:?folder for finished files}" "${CACHE:?folder kept between builds}"
umask 077
export PATH=/usr/sbin:/usr/bin:/sbin:/bin MTOOLS_SKIP_CHECK=1
key=$CACHE/tiny-signed
[ -s "$key.crt" ] || openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=osbench tiny-signed/" -keyout "$key.key" -out "$key.crt" 2>&1

sbsign --key "$key.key" --cert "$key.crt" --output "$OUT/tiny-signed.efi" "$FROM/tiny.efi"
cp --sparse=always "$FROM/tiny.raw" "$OUT/tiny-signed.raw"
esp=$OUT/tiny-signed.raw@@$(($(sfdisk -q -l -o Start "$OUT/tiny-signed.raw" | sed -n 2p) * 512))
program=$(mdir -b -i "$esp" ::/EFI/BOOT | sed -n 's|^::/||p')
mcopy -o -i "$esp" "$OUT/tiny-signed.efi" "::/$program"
cp "$key.crt" "$OUT/tiny-signed.crt"
chmod 0644 "$OUT"/*
