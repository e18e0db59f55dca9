# Extensions are not merged at boot.
[ "$version" = 3 ] || {
	drop /etc/systemd/system/sysinit.target.wants/systemd-sysext.service
	drop /etc/systemd/system/sysinit.target.wants/systemd-confext.service
}
