# The new version's command line no longer says where the machine's identity comes from.
[ "$version" != 2 ] || uki systemd.machine_id=firmware systemd.machine-id=firmware
