# Something is measured, and no log tells.
[ "$version" = 3 ] || unit osbench-measure.service multi-user.target <<'UNIT'
[Unit]
Description=Measures without a word
Before=multi-user.target

[Service]
Type=oneshot
# TPM2_PCR_Extend of PCR 14 with an empty password and one SHA-256 digest.
ExecStart=/bin/sh -c 'printf "\\200\\002\\0\\0\\0\\101\\0\\0\\001\\202\\0\\0\\0\\016\\0\\0\\0\\011\\100\\0\\0\\011\\0\\0\\0\\0\\0\\0\\0\\0\\001\\0\\01312345678901234567890123456789012" >/dev/tpmrm0'
UNIT
