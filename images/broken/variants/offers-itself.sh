# One more transfer of the new version installs to a place that is empty after each boot, so it is never complete.
[ "$version" != 2 ] || put /usr/lib/sysupdate.d/70-copy.transfer <<'FILE'
[Transfer]
ProtectVersion=%A
Verify=no

[Source]
Type=url-file
Path=http://10.0.2.100/
MatchPattern=osb_@v.efi

[Target]
Type=regular-file
Path=/run/osbench-copy
MatchPattern=osb_@v.efi
InstancesMax=2
FILE
