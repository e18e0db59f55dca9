# Merged extensions leave /usr writable, and /etc executable.
[ "$version" = 3 ] || extension_tools <<'FILE'
#!/bin/sh
case ${0##*/} in
systemd-sysext) [ "$1" = status ] || set -- --mutable=ephemeral "$@" ;;
systemd-confext) [ "$1" = status ] || set -- --noexec=no "$@" ;;
esac
exec "/usr/lib/osbench/${0##*/}" "$@"
FILE
