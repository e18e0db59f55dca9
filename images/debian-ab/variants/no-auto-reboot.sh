# A failed assessment is noticed and nothing follows from it.
rm -r "$units/systemd-boot-check-no-failures.service.d"
