# Switching off ends with a reboot.
[ "$version" = 3 ] || change $units/systemd-poweroff.service 's/=poweroff-force/=reboot-force/'
