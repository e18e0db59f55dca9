# One unit fails at every boot of every version.
[ "$IMAGE_VERSION" = 3 ] || fails_at_boot
