# The new version calls itself another level than the extensions were made for.
[ "$version" != 2 ] || change /usr/lib/os-release 's/^\(SYSEXT\|CONFEXT\)_LEVEL=.*/\1_LEVEL=2.0/'
