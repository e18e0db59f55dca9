# The new version comes with a machine id of its own, and no longer asks the firmware for one.
[ "$version" != 2 ] || {
	uki systemd.machine_id=firmware systemd.machine-id=firmware
	echo 0123456789abcdef0123456789abcdef | put /etc/machine-id 0444
}
