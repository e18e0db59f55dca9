# A unit of the good version cannot bear that there is a failed one.
[ "$version" = 3 ] || unit osbench-tidy.service multi-user.target <<'UNIT'
[Unit]
Description=Looks after the versions on the ESP

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for f in /boot/EFI/Linux/*+0-*.efi; do [ ! -e "$$f" ] || exit 1; done'
UNIT
