# What is merged is not looked at again on refresh.
[ "$version" = 3 ] || extension_tools <<'FILE'
#!/bin/sh
[ "$1" != refresh ] || set -- merge
"/usr/lib/osbench/${0##*/}" "$@"
FILE
