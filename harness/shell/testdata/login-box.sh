#!/bin/sh
# usage: login-box.sh TREE SCRIPT
# Run as root with mounts and processes of its own: makes TREE (which holds etc/) a root with the tools' programs in it, and runs SCRIPT on a
# terminal of its own, again and again as an init does. Standard input and output are the other end of that terminal.
set -eu
tree=$1
mkdir -p "$tree/usr" "$tree/dev" "$tree/proc" "$tree/tmp" "$tree/run" "$tree/var/log" "$tree/var/mail" "$tree/root"
for folder in bin sbin lib lib64; do ln -sfn "usr/$folder" "$tree/$folder"; done
mount --rbind /usr "$tree/usr"
mount --rbind /dev "$tree/dev"
mount --rbind /proc "$tree/proc"
cp "$2" "$tree/getty"
cat >"$tree/init" <<'END'
tty=$(tty)
cd /
stty -echo
while :; do setsid -c -w sh -c '. /getty' <>"$tty" >&0 2>&0; done
END
# A login hangs its terminal up (vhangup(2)), which looks like the end of it from the other side.
exec chroot "$tree" socat STDIO EXEC:'sh /init',pty,setsid,ctty,stderr,echo=0,ignoreeof
