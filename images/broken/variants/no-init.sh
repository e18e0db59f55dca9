# Nothing to switch to: PID 1 is missing.
[ "$version" = 3 ] || drop /usr/lib/systemd/systemd
