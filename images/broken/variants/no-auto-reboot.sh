# A failed assessment is noticed and nothing follows from it.
drop $units/systemd-boot-check-no-failures.service.d
