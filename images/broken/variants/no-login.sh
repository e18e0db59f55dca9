# The getty shows a prompt and has no program to ask for the password.
[ "$version" = 3 ] || drop /usr/bin/login
