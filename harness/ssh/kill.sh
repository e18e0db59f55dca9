# sh -s PID: kills this process, whatever is below it, and whatever is in the session it leads; prints their names. Builtins only.
root=$1 known=' ' names=
# Nothing is below "everything".
case $root in '' | 0 | 1 | *[!0-9]*) exit 2 ;; esac

# $found becomes the processes that live and belong to it, $fresh those of them that were not known.
look() {
	all= found=' ' fresh= more=y
	for file in /proc/[0-9]*/stat; do
		{ read -r line <"$file"; } 2>/dev/null || continue
		name=${line#*(}
		name=${name%)*}
		set -- ${line##*) }
		[ "$1" = Z ] || all="$all ${line%% *}:$2:$4:${name%%[!A-Za-z0-9._+-]*}"
	done
	while [ "$more" ]; do
		more=
		for one in $all; do
			pid=${one%%:*} one=${one#*:}
			parent=${one%%:*} one=${one#*:}
			session=${one%%:*} name=${one#*:}
			case $found in *" $pid "*) continue ;; esac
			[ "$pid" = "$root" ] || [ "$session" = "$root" ] || {
				case $found$known in *" $parent "*) ;; *) continue ;; esac
			}
			found="$found$pid " more=y
			case $known in *" $pid "*) ;; *) fresh="$fresh $pid" names="$names$name($pid) " ;; esac
		done
	done
}

# What is stopped starts nothing new, and stays the parent of what it started.
look
while [ "$fresh" ]; do
	kill -STOP $fresh 2>/dev/null
	known="$known${fresh# } "
	look
done
# What is killed dies when its turn comes.
tries=0
while [ "$found" != ' ' ] && [ $tries -lt 200 ]; do
	kill -KILL $found 2>/dev/null
	tries=$((tries + 1))
	look
done
echo "$names"
[ "$found" = ' ' ]
