# The kernel is started past the UKI that brings it, so nobody measures its sections.
[ "$version" != 1 ] || {
	ukify inspect "$FROM/osb_1.efi" --section=.initrd:binary@"$work/initrd" --section=.cmdline:binary@"$work/cmdline" \
		--section=.linux:binary@"$work/linux" >/dev/null
	boot_file /linux <"$work/linux"
	boot_file /initrd <"$work/initrd"
	printf 'title plain\nlinux /linux\ninitrd /initrd\noptions %s\n' "$(tr -d '\000\n' <"$work/cmdline")" | boot_file /loader/entries/plain.conf
	printf 'timeout 0\nbeep no\ndefault plain.conf\n' | boot_file /loader/loader.conf
}
