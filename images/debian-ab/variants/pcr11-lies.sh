# Nothing in the tree: build.sh publishes a UKI whose .osrel is not the one it installs.
