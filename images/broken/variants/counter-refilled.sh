# A version that never becomes good gives itself all its tries again
[ "$version" != 3 ] || unit osbench-refill.service multi-user.target <<'UNIT'
[Unit]
Description=Gives a try back

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'f=/boot/EFI/Linux/osb_3+2-1.efi; [ ! -e "$$f" ] || mv "$$f" /boot/EFI/Linux/osb_3+3-0.efi; sync -f /boot'
UNIT
