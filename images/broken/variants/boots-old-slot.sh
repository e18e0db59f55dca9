# The new version's UKI names the old version's root.
[ "$version" != 2 ] || uki root=PARTLABEL=osb_2 root=PARTLABEL=osb_1
