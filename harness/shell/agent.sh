# What speaks osbench's protocol in the guest: a POSIX sh, no program of its own. harness/shell/agent.ts sends it, without
# comments and indentation.
#
# Three processes, none of them per command. osb_raw or osb_framed reads what the host sends and answers at all times,
# also while a command runs. An `sh` runs the commands: it reads them from a pipe, a subshell for each. osb_keep starts
# another one when a command kills it. The lines are stdin and stdout (and stderr in raw mode); 3 is the pipe.

osb_have() { command -v "$1" >/dev/null 2>&1; }
if osb_have base64; then osb_encode() { base64; }; osb_codec=base64
else osb_encode() { od -An -v -tx1; }; osb_codec=od; fi
if osb_have gzip; then osb_pack() { gzip -1; }; osb_how=';'
else osb_pack() { cat; }; osb_how=:; fi
if osb_have sha256sum; then osb_sum() { sha256sum; }
elif osb_have cksum; then osb_sum() { cksum; }
else osb_sum() { echo none; }; fi

# Not HUP: that is how a system that shuts down gets rid of a session, and waits a minute and a half for it otherwise.
osb_signals='INT QUIT TERM USR1 USR2 ALRM PIPE'

# osb raw|framed SECRET FOLDER
osb() {
	osb_s=$2 osb_d=$3
	# Handled, not ignored: what is ignored would be ignored in every command.
	trap : $osb_signals
	{ osb_"$1" 3>&1 >&4 4>&- | osb_keep "$1" 4>&-; } 4>&1
	trap - $osb_signals
}

osb_keep() {
	trap : $osb_signals
	while :; do
		# What it says of its own, such as "Killed", is not the command's: a command's stderr is 4.
		sh 3>&- 4>&2 2>/dev/null
		osb_c=$?
		# 128 and more: killed. The host hears of it and defines its functions anew.
		[ $osb_c -gt 128 ] || break
		osb_dead_"$1" $osb_c
	done
	[ $osb_c = 77 ] || osb_dead_"$1" lost
}

osb_dead_raw() {
	printf '<%s dead>%s\n' "$osb_s" "$1"
	printf '<%s dead>%s\n' "$osb_s" "$1" >&2
}

osb_dead_framed() { osb_say "dead $1"; }

# Everything that is said over a noisy line is said three times, between marks nobody else knows: no builtin makes a sum.
osb_say() { printf '\n@%s %s@%s %s@%s %s@%s!\n' "$osb_s" "$1" "$osb_s" "$1" "$osb_s" "$1" "$osb_s"; }

# A signal ends a read like the end of the line does. What was read until then is kept.
osb_interrupted() {
	[ "$osb_w" ] || return
	osb_w= osb_h=$osb_h$1
}

osb_raw() {
	trap osb_w=y $osb_signals
	osb_w= osb_h=
	while :; do
		osb_l=
		IFS= read -r osb_l || {
			osb_interrupted "$osb_l" && continue
			osb_dead_raw lost
			break
		}
		osb_l=$osb_h$osb_l osb_h=
		osb_a=${osb_l#?}
		case $osb_l in
		# A builtin that changes nothing needs no process.
		q*)
			eval "${osb_a#* }"
			printf '<%s %s>%d\n' "$osb_s" "${osb_a%% *}" $?
			;;
		Q*)
			eval "${osb_a#* }"
			printf '<%s %s>%d\n' "$osb_s" "${osb_a%% *}" $?
			printf '<%s %s>\n' "$osb_s" "${osb_a%% *}" >&2
			;;
		p*) printf %b "$osb_a" >&3 || osb_dead_raw lost ;;
		x*) printf '%b\n' "$osb_a" >&3 || osb_dead_raw lost ;;
		n*) : >"$osb_d/i" ;;
		i*)
			set -- $osb_a
			printf '<%s %s>ready\n' "$osb_s" "$1"
			head -c "$2" >>"$osb_d/i"
			printf '<%s %s>%d\n' "$osb_s" "$1" $?
			;;
		k*)
			osb_kill
			printf '<%s %s>%s\n' "$osb_s" "$osb_a" "$osb_k"
			;;
		': osbench leave') break ;;
		esac
	done
	osb_leave
}

osb_framed() {
	trap osb_w=y $osb_signals
	osb_n= osb_w=
	while :; do
		IFS=^ read -r osb_a osb_b osb_z || {
			osb_interrupted && continue
			break
		}
		case $osb_a in
		'') continue ;;
		': osbench leave') break ;;
		q*)
			# Not said twice by the host, so looked at instead: whatever passes here changes nothing.
			osb_t=${osb_a%% *} osb_a=${osb_a#* }
			case $osb_a$osb_b$osb_z in *[!][A-Za-z0-9\ ./_=:+,%-]*) osb_a='?' ;; esac
			case $osb_a in
			echo | echo\ * | test\ * | '[ '*' ]' | true | false | :) osb_thrice "$osb_t" "$osb_a" ;;
			*) osb_say nak ;;
			esac
			continue
			;;
		esac
		# Everything else comes twice and with its length. Input comes once: its sum is looked at when all of it is there.
		case $osb_a in w*) [ -z "$osb_b" ] && osb_b=$osb_a ;; esac
		if [ "$osb_a" != "$osb_b" ] || [ "$osb_z" != ${#osb_a} ]; then
			osb_say nak
			continue
		fi
		osb_t=${osb_a%% *} osb_b=${osb_a#* } osb_o=
		# Said again because the answer was damaged: answered again, not done again.
		if [ "$osb_t" != "$osb_n" ]; then
			case $osb_t in
			p*) printf %b "$osb_b" >&3 || osb_dead_framed lost ;;
			x*) printf '%b\n' "$osb_b" >&3 || osb_dead_framed lost ;;
			w*) printf '%s\n' "$osb_b" >>"$osb_d/b" ;;
			b*) printf %b "$osb_b" >>"$osb_d/c" ;;
			c*) cat "$osb_d/c" >>"$osb_d/i" ;;
			k*)
				osb_kill
				osb_o=$osb_k
				;;
			esac
			# What may come between a frame and its repetition is not remembered instead of it.
			case $osb_t in [tf]*) ;; *) osb_n=$osb_t osb_r=$osb_o ;; esac
		fi
		case $osb_t in
		0*) : >"$osb_d/b" >"$osb_d/c" ;;
		n*) : >"$osb_d/i" ;;
		d*) base64 -d <"$osb_d/b" >"$osb_d/c" ;;
		h*) osb_r=$(osb_sum <"$osb_d/c") ;;
		t*) osb_tty ;;
		s*) { read -r osb_r osb_r; } <"/proc/$osb_b/fdinfo/1" || osb_r=- ;;
		f*)
			set -- $osb_b
			osb_fetch "$@"
			continue
			;;
		esac
		osb_say "$osb_t $osb_r"
	done
	osb_leave
}

osb_leave() {
	osb_kill
	echo 'exit 77' >&3
}

# Runs a builtin three times: its answers are each other's check. What was asked is said before, for it came unchecked.
osb_thrice() {
	printf '\n@%s|%s|@%s %s:' "$osb_s" "$2" "$osb_s" "$1"
	eval "$2"
	printf ':%d@%s %s:' $? "$osb_s" "$1"
	eval "$2"
	printf ':%d@%s %s:' $? "$osb_s" "$1"
	eval "$2"
	printf ':%d@%s!\n' $? "$osb_s"
}

osb_tty() { stty -echo icanon -isig -iexten -ixon -ixoff -icrnl -inlcr -igncr -istrip -opost; }

# osb_fetch NONCE FILE BLOCKSIZE INDEX
osb_fetch() {
	if [ "$3" -lt 8192 ]; then
		printf '\n@%s:' "$1"
		dd if="$2" bs="$3" skip="$4" count=1 | osb_encode
	else
		# A byte on a UART costs more than packing saves it. And busybox's base64 writes line by line: that costs more than another process.
		printf '\n@%s%s' "$1" "$osb_how"
		dd if="$2" bs="$3" skip="$4" count=1 | osb_pack | osb_encode | dd ibs=4096 obs=16384
	fi
	printf '@%s ' "$1"
	dd if="$2" bs="$3" skip="$4" count=1 | osb_sum
	# Twice, for a damaged end is found out by silence only.
	printf '@%s!\n@%s!\n' "$1" "$1"
}

# osb_start NONCE END: the whole life of the agent on a noisy line.
osb_start() {
	osb_tty
	osb_y "$1" "$osb_d $osb_codec"
	osb framed "$osb_x" "$osb_d"
	rm -rf "$osb_d"
	stty sane
	$2
}

# Kills whatever a command started: every process below the shell that runs commands, and, when this shell leads the
# session, or a login that waits for it does, every other of the session. osb_k names them.
osb_kill() {
	osb_k=
	osb_i=0
	# What is killed dies when its turn comes: looked at again until nothing is left, within reason.
	while [ $osb_i -lt 100 ]; do
		osb_i=$((osb_i + 1))
		osb_all= osb_keepers=" $$ " osb_v=' ' osb_up= osb_logins=' '
		for osb_f in /proc/[0-9]*/stat; do
			{ read -r osb_l <"$osb_f"; } 2>/dev/null || continue
			osb_c=${osb_l#*(}
			osb_c=${osb_c%)*}
			set -- ${osb_l##*) }
			[ "$1" = Z ] || osb_all="$osb_all ${osb_l%% *}:$2:$4:${osb_c%%[!A-Za-z0-9._+-]*}"
			case "${osb_l%% *} $osb_c" in
			"$$ "*) osb_up=$2 osb_j=$4 ;;
			*' login') osb_logins="$osb_logins${osb_l%% *} " ;;
			esac
		done
		osb_top=$$
		[ "$osb_up" = "$osb_j" ] && case $osb_logins in *" $osb_up "*) osb_top=$osb_up ;; esac
		# The reader and the keeper, then the shell that runs commands.
		for osb_j in 1 2; do
			osb_more=
			for osb_p in $osb_all; do
				osb_c=${osb_p#*:}
				case $osb_keepers in *" ${osb_c%%:*} "*) osb_more="$osb_more${osb_p%%:*} " ;; esac
			done
			[ $osb_j = 1 ] && osb_first=$osb_more
			osb_keepers=" $osb_more"
		done
		osb_below=$osb_keepers
		osb_keepers=" $$ $osb_top $osb_first$osb_more"
		osb_more=y
		while [ "$osb_more" ]; do
			osb_more=
			for osb_p in $osb_all; do
				osb_c=${osb_p#*:}
				osb_f=${osb_c%%:*} osb_c=${osb_c#*:} osb_l=${osb_p%%:*}
				case $osb_keepers$osb_v in *" $osb_l "*) continue ;; esac
				case $osb_below$osb_v in
				*" $osb_f "*) ;;
				*) [ "${osb_c%%:*}" = "$osb_top" ] || continue ;;
				esac
				osb_v="$osb_v$osb_l " osb_more=y
				case $osb_k in *"($osb_l)"*) ;; *) osb_k="$osb_k${osb_c#*:}($osb_l) " ;; esac
			done
		done
		[ "$osb_v" = ' ' ] && return
		kill -KILL $osb_v 2>/dev/null
	done
}
