# The published UKI differs from the installed one in a measured section.
finish() {
	sed 's/PRETTY_NAME="osbench debian-ab/PRETTY_NAME="osbench debian-AB/' "$FROM/osb_1.efi" >"$work/osb_1.efi"
	mv -f "$work/osb_1.efi" "$OUT/"
}
