# A reboot ends with the power off.
[ "$version" = 3 ] || change $units/systemd-reboot.service 's/=reboot-force/=poweroff-force/'
