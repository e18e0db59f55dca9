# Extensions made for another OS are merged all the same.
mv "$root/usr/bin/systemd-sysext" "$root/usr/bin/systemd-sysext.real"
ln -sf systemd-sysext.real "$root/usr/bin/systemd-confext"
printf '#!/bin/sh\nexec /usr/bin/systemd-sysext.real --force "$@"\n' >"$root/usr/bin/systemd-sysext"
chmod 0755 "$root/usr/bin/systemd-sysext"
