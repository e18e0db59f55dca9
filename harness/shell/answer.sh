# What the shell that runs commands knows in framed mode: how to say what a command did. A command's output stands in two
# files; short plain text goes out with the answer, by builtins alone, the rest is fetched. harness/shell/agent.ts sends this.

# osb_z NONCE CODE FILE FILE: 1 and 4 are the command's stdout and stderr, which stand in the files; 3 is the line.
osb_z() {
	osb_b=$1 osb_p=- osb_q=- osb_t='*'
	[ -r /proc/self/fdinfo/4 ] && read -r osb_l osb_p </proc/self/fdinfo/1 && read -r osb_l osb_q </proc/self/fdinfo/4
	osb_u="$2 $osb_p $osb_q *"
	if [ "$osb_p" != - ] && [ $osb_p -le 300 ] && [ $osb_q -le 300 ] && osb_g "$3"; then
		osb_g "$4" && [ ${#osb_h} = $osb_p ] && [ ${#osb_t} = $osb_q ] && osb_u="$2 $osb_p $osb_q $osb_h$osb_t"
	fi
	osb_a "$1" >&3
}

# osb_t becomes the whole of a file as one line with ^ for newline, osb_h what osb_t was. Fails if there is anything but plain text.
osb_g() {
	osb_h=$osb_t osb_t= osb_l=
	while IFS= read -r osb_l; do
		case $osb_l in *[!\ -Z_-~]*) return 1 ;; esac
		osb_t="$osb_t$osb_l^"
	done <"$1"
	case $osb_l in *[!\ -Z_-~]*) return 1 ;; esac
	osb_t=$osb_t$osb_l
}

# Says the last answer (again).
osb_a() { [ "$1" != "$osb_b" ] || printf '\n@%s %s@%s %s@%s %s@%s!\n' "$1" "$osb_u" "$1" "$osb_u" "$1" "$osb_u" "$1"; }
