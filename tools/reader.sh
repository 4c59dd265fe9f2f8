# Sourced by tools/environment.sh with `root` set, and `reader`, the checksum of what is in reader/. Comes in: a Rust
# toolchain, if there is one. Goes out: .podproof/reader, a link to the folder from which environments import the
# native reader, empty where it cannot be built: Podproof then reads YAML with Python alone, to the same results.
#
# What was built for one checksum stays in .podproof/readers, so that going back to another commit builds nothing.
# Besides .podproof, only cargo's own folder is written. Nothing here makes a start fail.

set_up_reader() {
    (
        [ -w "$root/.podproof" ] || exit 0
        if command -v flock >/dev/null; then
            exec 9>"$root/.podproof/lock"
            flock 9
            [ -e "$root/.podproof/reader/$reader" ] && exit 0
        fi
        built=$root/.podproof/readers/$reader
        new=$root/.podproof/new-reader-$$
        trap 'rm -rf "$new"' EXIT
        trap 'exit 129' HUP
        trap 'exit 130' INT
        trap 'exit 143' TERM
        if [ ! -d "$built" ]; then
            mkdir -p "$new/folder" "${built%/*}"
            ! command -v cargo >/dev/null || build_reader
            : >"$new/folder/$reader"
            mv "$new/folder" "$built" || exit 0
        fi
        ln -sfn "readers/$reader" "$root/.podproof/reader"
        # Environments that were made before there was a reader do not look for it yet.
        for packages in "$root"/.podproof/run-*/lib/python3*/site-packages "$root"/.podproof/dev-*/lib/python3*/site-packages; do
            [ ! -w "$packages/podproof.pth" ] || printf '%s\n' ../../../../../src ../../../../reader >"$packages/podproof.pth"
        done
    ) || {
        outcome=$?
        [ $outcome -lt 128 ] || exit $outcome
    }
}

# Builds into $new/folder; without success one line says so, and the folder stays empty.
build_reader() {
    say "building the native reader (once for each change of reader/)"
    log=$root/.podproof/reader.log
    # As an extension for every Python from 3.11 on, so no interpreter is asked. From its folder, for its .cargo.
    if (
        cd "$root/reader" &&
            CARGO_TARGET_DIR=$new/target CARGO_NET_RETRY=1 CARGO_HTTP_TIMEOUT=20 PYO3_NO_PYTHON=1 \
                PYO3_BUILD_EXTENSION_MODULE=1 cargo build --release --locked --quiet
    ) >"$log" 2>&1 </dev/null; then
        for library in "$new"/target/release/libpodproof_reader.so "$new"/target/release/libpodproof_reader.dylib; do
            [ ! -e "$library" ] || mv "$library" "$new/folder/podproof_reader.abi3.so"
        done
    fi
    [ -e "$new/folder/podproof_reader.abi3.so" ] ||
        say "it could not be built, so YAML is read with Python alone: the reason is in .podproof/${log##*/}"
}
