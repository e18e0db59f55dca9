# Its commands `ls` and `cls` are called otherwise (their names share their bytes).
replace shell.efi 'c\x00l\x00s\x00\x00\x00e\x00c\x00h\x00' 'c\x00x\x00s\x00\x00\x00e\x00c\x00h\x00'
