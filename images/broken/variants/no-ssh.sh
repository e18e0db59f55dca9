# The SSH server is installed and not started.
[ "$version" = 3 ] || drop /etc/systemd/system/multi-user.target.wants/ssh.service
