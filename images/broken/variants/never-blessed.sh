# What marks a boot good is no longer started.
[ "$version" != 2 ] || drop /usr/lib/systemd/system-generators/systemd-bless-boot-generator
