# An update arrives without tries left, so nothing ever falls back.
sed -i -e '/^Tries/d' -e '/^MatchPattern=.*+@l/s/=.*/=osb_@v.efi/' "$root/usr/lib/sysupdate.d/60-uki.transfer"
