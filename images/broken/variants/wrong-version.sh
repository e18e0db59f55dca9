# The version that is installed calls itself another one.
[ "$version" != 1 ] || change /usr/lib/os-release 's/^\(IMAGE_VERSION=\|VERSION_ID=\).*/\17/'
