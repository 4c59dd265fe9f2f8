#!/bin/sh
# Installs Rust for the user, in a container that builds wheels: with an installer whose digest is written here.
# The installer compares what it downloads with the digests of the release. Source of these: the installers' own
# .sha256 files beside them.
set -eu

rust=1.95.0
rustup=1.28.2

libc=gnu
[ -e /etc/alpine-release ] && libc=musl
host=$(uname -m)-unknown-linux-$libc
case $host in
    x86_64-unknown-linux-gnu) digest=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c ;;
    aarch64-unknown-linux-gnu) digest=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c ;;
    x86_64-unknown-linux-musl) digest=e6599a1c7be58a2d8eaca66a80e0dc006d87bbcf780a58b7343d6e14c1605cb2 ;;
    aarch64-unknown-linux-musl) digest=a97c8f56d7462908695348dd8c71ea6740c138ce303715793a690503a94fc9a9 ;;
    *) echo "no installer is known for $host" >&2; exit 1 ;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
curl --proto =https --tlsv1.2 --fail --silent --show-error --location --output "$folder/rustup-init" \
    "https://static.rust-lang.org/rustup/archive/$rustup/$host/rustup-init"
echo "$digest  $folder/rustup-init" | sha256sum -c -
chmod +x "$folder/rustup-init"
"$folder/rustup-init" -y --no-modify-path --profile minimal --default-host "$host" --default-toolchain "$rust"
