# The good version that comes back gives the failed one its tries again as soon as it runs.
[ "$version" = 3 ] || unit osbench-retry.service multi-user.target <<'UNIT'
[Unit]
Description=Makes failed versions bootable again

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for f in /boot/EFI/Linux/*+0-*.efi; do [ ! -e "$$f" ] || mv "$$f" "$${f%%+*}+3-0.efi"; done; sync -f /boot'
UNIT
