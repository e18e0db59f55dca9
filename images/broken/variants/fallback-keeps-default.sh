# The good version that comes back leaves the failed one the boot loader's choice.
[ "$version" = 3 ] || unit osbench-default.service multi-user.target <<'UNIT'
[Unit]
Description=Chooses the newest version to boot next

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for f in /boot/EFI/Linux/*+0-*.efi; do n=$${f##*/}; [ ! -e "$$f" ] || bootctl set-default "$${n%%%%+*}.efi"; done'
UNIT
