# Extensions made for another OS are merged all the same.
[ "$version" = 3 ] || extension_tools <<'FILE'
#!/bin/sh
exec "/usr/lib/osbench/${0##*/}" --force "$@"
FILE
