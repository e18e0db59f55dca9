# It does not say how many errors it found.
replace memtest.efi 'Errors:' 'Erring:'
