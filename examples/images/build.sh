#!/bin/sh
# Builds the example images into archives, each with the command that a person would type. Needs no registry;
# nginx and redis need Debian's or Ubuntu's packages (mmdebstrap, apt's sources). What is there already is kept:
# delete an archive to build it again.
#
#     examples/images/build.sh [--no-packages] [FOLDER]     FOLDER is .podproof/images unless it is given
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
packages=yes
if [ "${1-}" = --no-packages ]; then
    packages=
    shift
fi
folder=${1:-$root/.podproof/images}
mkdir -p "$folder"

# image NAME ARCHIVE OPTION…
image() {
    name=$1 archive=$folder/$2
    shift 2
    if [ -f "$archive" ]; then
        echo "$archive is there"
    else
        "$root/podproof" images build "$name" --output "$archive" "$@"
    fi
}

# The image of the seed: one static program that greets whoever asks on port 8888. No accounts, no shell.
image cloudnatived/demo:hello demo-hello.tar --from-scratch \
    --add "$here/demo/demo:/bin/demo:0755" --entrypoint /bin/demo

# The two made-up images of the seed's manifests: a numeric USER with a group, and a name.
image images.example/numeric-user:1 numeric-user.tar --from-scratch \
    --add "$here/demo/demo:/bin/demo:0755" --add "$here/numeric-user:/etc" \
    --entrypoint /bin/demo --user 1000:2000
image images.example/named-user:1 named-user.tar --from-scratch \
    --add "$here/demo/demo:/bin/demo:0755" --add "$here/named-user:/etc" \
    --entrypoint /bin/demo --user alice

[ -n "$packages" ] || exit 0

# A shell and its tools in 2 MB: the files of one package, and no script of it.
image images.example/busybox:debian busybox.tar --from-debian busybox-static --files-only \
    --link busybox:/bin/sh --command /bin/sh

image images.example/nginx:debian nginx.tar --from-debian nginx-light \
    --entrypoint 'nginx -g "daemon off;"'

image images.example/redis:debian redis.tar --from-debian redis-server \
    --entrypoint 'redis-server --bind 0.0.0.0 --protected-mode no' --workdir /var/lib/redis --user redis
