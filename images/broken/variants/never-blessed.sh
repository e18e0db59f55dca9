# The new version comes without what marks a boot good.
[ "$version" != 2 ] || {
	drop /usr/lib/systemd/systemd-bless-boot
	drop $units/systemd-bless-boot.service
	drop /usr/lib/systemd/system-generators/systemd-bless-boot-generator
}
