# Sourced by ./podproof and ./test with `root`, the checkout's absolute path, set. Comes in: a lock file. Goes
# out: `python`, the interpreter of a private environment that holds exactly what the lock file names, and this
# checkout's src. Never touches anything outside .podproof, except that root on Debian or Ubuntu may get the
# package that holds Python's venv module.
#
# An environment's folder carries the checksum of its lock file, so a changed lock file means another folder, and
# going back to an older lock file finds the older folder again. A folder is built under another name and renamed
# when it is whole: what has the name is complete, whoever was interrupted. Deleting .podproof is always safe.
#
# Programs are taken from .podproof only if nobody but this user, root and the owner of the checkout can put them
# there. Nothing that the lock file names is built from source: a source package runs code of its own to be built.
#
# PODPROOF_PYTHON, when set, is the only Python that is considered.

say() { printf 'podproof: %s\n' "$*" >&2; }

# Exit code 2: "the command line or the configuration is wrong"; never a verdict.
fail() { say "$@"; exit 2; }

# Sets `python`. The fast path starts two processes (cksum, ls) and writes nothing. $1: kind, run or dev; $2: lock file.
environment() {
    [ -r "$root/$2" ] || fail "$root/$2 is missing: this is not a complete checkout"
    checksums "$2"
    [ ! -e "$root/.podproof" ] || trust_folder
    folder=$root/.podproof/$1-$checksum${PODPROOF_PYTHON:+-${PODPROOF_PYTHON##*/}}
    python=$folder/bin/python
    # -x follows the link: it fails as well when the Python that the folder was made from is gone.
    [ -x "$python" ] || set_up "$1" "$root/$2"
    # Who switches it off does not wait until it is built.
    [ -e "$root/.podproof/reader/$reader" ] || [ -z "$reader" ] || [ "${PODPROOF_READER:-}" = python ] ||
        { . "$root/tools/reader.sh"; set_up_reader; }
}

# Ends where somebody else could have put into .podproof what would be started from it.
trust_folder() {
    # -n: owners as numbers. /. follows a link, whose own mode says nothing.
    answer=$(ls -ldn "$root/.podproof/." "$root/.") || fail "cannot look into $root/.podproof"
    owners= folder_owner=nobody
    while read -r mode links owner rest; do
        case $rest in
            *" $root/.podproof/.")
                case $mode in
                    ????????w*)
                        fail "everybody can write to $root/.podproof, so nothing is started from it:" \
                            "remove it, and the next start makes it anew"
                        ;;
                esac
                folder_owner=$owner
                ;;
            *) owners="$owners $owner " ;;
        esac
    done <<END
$answer
END
    [ "$folder_owner" = 0 ] || [ -O "$root/.podproof/." ] || case $owners in
        *" $folder_owner "*) ;;
        *)
            fail "$root/.podproof belongs to user $folder_owner, who owns neither this checkout nor this process," \
                "so nothing is started from it: remove it, and the next start makes it anew"
            ;;
    esac
}

# Sets `checksum`, that of lock file $1, and `reader`, that of what the native reader is built from (empty: there is
# nothing).
checksums() {
    set -- "$root/$1" "$root"/reader/src/*.rs "$root"/reader/Cargo.*
    [ -r "$2" ] || set -- "$1"
    sums=$(cksum "$@") || fail "cannot read $1"
    reader=
    while read -r sum size name; do
        if [ "$name" = "$1" ]; then
            checksum=$sum-$size
        else
            reader=$(((${reader:-1} * 31 + sum + size) % 4294967291))
        fi
    done <<END
$sums
END
}

# Builds the environment in a subshell, so that its traps and its lock end with it.
set_up() {
    (
        # Whatever the caller's umask is: what everybody can write is not used.
        umask "$(printf %o $(($(umask) | 2)))"
        mkdir -p "$root/.podproof" 2>/dev/null && [ -w "$root/.podproof" ] ||
            fail "cannot write $root/.podproof: the first start needs a writable checkout"
        if command -v flock >/dev/null; then
            exec 9>"$root/.podproof/lock"
            flock -n 9 || { say "waiting for another set-up of this checkout"; flock 9; }
            [ -x "$python" ] && exit 0
            # Nobody else builds while the lock is held: what lies here was interrupted.
            rm -rf "$root"/.podproof/new-*
        fi
        log=$root/.podproof/$1.log
        new=$root/.podproof/new-$1-$$
        trap 'rm -rf "$new"' EXIT
        trap 'exit 129' HUP
        trap 'exit 130' INT
        trap 'exit 143' TERM
        say "setting up a private environment in .podproof (once for each change of ${2##*/})"
        : >"$log"
        fill "$new" "$2" </dev/null
        # Relative to site-packages, so the checkout may be moved.
        for packages in "$new"/lib/python3*/site-packages; do
            printf '%s\n' ../../../../../src ../../../../reader >"$packages/podproof.pth"
        done
        "$new/bin/python" -I -m compileall -q "$root/src" >>"$log" 2>&1 </dev/null || :
        # What is left under the name has lost its Python.
        [ -x "$python" ] || rm -rf "$folder"
        # Without flock two may build at once; the second finds the name taken and its own work is thrown away.
        mv "$new" "$folder" 2>>"$log" || [ -x "$python" ] || fail "cannot write $folder"
        rm -rf "$folder/${new##*/}"
    ) || exit $?
}

# Makes environment $1 with what lock file $2 names, by uv when that works, else by venv and pip.
fill() {
    find_python
    if [ -n "$found" ] && command -v uv >/dev/null; then
        uv_fill "$@" && return
        say "uv did not succeed (see .podproof/${log##*/}), trying pip"
        rm -rf "$1"
    fi
    [ -n "$found" ] || install "Podproof runs on Python 3.11 or newer" python3 python3-venv
    [ -n "$found" ] || fail "needs Python 3.11 or newer: install it, or name one in PODPROOF_PYTHON"
    if [ -z "$has_venv" ]; then
        case $found in
            /usr/bin/python3*) install "the private environment is made with it" "${found##*/}-venv" ;;
        esac
        [ -n "$has_venv" ] || fail "$found has no venv module: install the package $missing"
    fi
    "$found" -I -m venv "$1" >>"$log" 2>&1 || give_up "cannot make a virtual environment with $found"
    "$1/bin/python" -I -m pip install --disable-pip-version-check --no-input --quiet --no-user \
        --require-hashes --only-binary :all: --requirement "$2" >>"$log" 2>&1 || {
        without_wheel "$1" "${2##*/}"
        give_up "cannot install what ${2##*/} names"
    }
}

uv_fill() (
    # From the root, so that a uv.toml in the caller's folder has no say.
    cd "$root" || exit
    exec >>"$log" 2>&1
    uv venv --no-project --no-python-downloads --python "$found" "$1" &&
        uv pip install --python "$1/bin/python" --require-hashes --no-build --compile-bytecode --requirement "$2"
)

# Ends with the package that has no wheel for the Python of environment $1, if that is why pip failed. $2: the lock.
without_wheel() {
    # Without an answer of the index there is "no matching distribution" of anything.
    ! grep -qE 'connection broken|ProxyError|Could not fetch URL' "$log" || return 0
    package=$(sed -n 's/^ERROR: No matching distribution found for \([^ ]*\).*/\1/p' "$log" | tail -n 1)
    [ -n "$package" ] || return 0
    kind=$("$1/bin/python" -I -c 'import platform, sys
print("Python %d.%d on" % sys.version_info[:2], platform.system(), platform.machine())')
    fail "there is no wheel of $package for $kind, and nothing that $2 names is built from source:" \
        "name another Python in PODPROOF_PYTHON; the whole story is in $log"
}

# Sets `found`, a Python >= 3.11 by its real path (empty: none), `has_venv` (empty: it cannot make environments)
# and `missing`, the package that would help. One with venv is preferred to one without.
find_python() {
    found= has_venv= missing=python3-venv
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        candidate=${PODPROOF_PYTHON:-$candidate}
        command -v "$candidate" >/dev/null || continue
        # The real path of the base interpreter: an activated environment may go away, and /usr/bin/python3 may
        # become another version.
        answer=$("$candidate" -I -c '
import os, sys
if sys.version_info >= (3, 11):
    try:
        import ensurepip, venv
        print("venv", end=" ")
    except ImportError:
        print("bare", end=" ")
    print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
' 2>/dev/null </dev/null) || continue
        case $answer in
            venv\ *) found=${answer#* } has_venv=yes; return ;;
            bare\ *) [ -n "$found" ] || { found=${answer#* }; missing=${found##*/}-venv; } ;;
        esac
        [ -z "${PODPROOF_PYTHON-}" ] || return 0
    done
}

# Installs Debian packages when that is possible, says so first, and looks for Python again. $1: what needs them.
install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    why=$1
    shift
    say "installing $* with apt-get: $why"
    export DEBIAN_FRONTEND=noninteractive
    {
        apt-get install --yes --no-install-recommends "$@" ||
            { apt-get update && apt-get install --yes --no-install-recommends "$@"; }
    } >>"$log" 2>&1 || give_up "cannot install $*"
    find_python
}

# Ends with one line: what failed and the last thing the tool said about it.
give_up() {
    reason=$(grep -i error "$log" | tail -n 1)
    fail "$*${reason:+ ($reason)}; the whole story is in $log"
}
