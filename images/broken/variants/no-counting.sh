# An update arrives without tries left, so nothing ever falls back.
[ "$version" = 3 ] || change /usr/lib/sysupdate.d/60-uki.transfer '/^Tries/d; /^MatchPattern=.*+@l/s/=.*/=osb_@v.efi/'
