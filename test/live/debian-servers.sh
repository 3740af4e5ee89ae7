#!/usr/bin/env bash
# Gets the servers of newer Debian releases to verify against, as root on a Debian or Ubuntu machine with debootstrap:
#
#   sudo test/live/debian-servers.sh FOLDER
#
# FOLDER/bin then has a program for each, named by its version: trixie's Redis 8.0 and Valkey 8.1, sid's Redis 8.0 and
# Valkey 9.1, experimental's Redis 8.6. They run with their own loader and libraries, but outside of the folder, so
# --server-bin, a trace clock and any user can have them. Nothing on the machine changes but FOLDER (about 700 MB).
set -euo pipefail
[ $# = 1 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
mkdir -p "$1/bin"
folder=$(cd "$1" && pwd)

# program ROOT PATH: a script in bin/ that runs the server at PATH below ROOT.
program() {
  local script
  script=$(mktemp "$folder/bin/XXXXXX")
  cat > "$script" <<END
#!/bin/sh
exec $1/lib64/ld-linux-x86-64.so.2 --library-path $1/usr/lib/x86_64-linux-gnu $1/$2 "\$@"
END
  chmod 755 "$script"
  # "Redis server v=8.0.2 sha=…": redis-8.0.2
  mv "$script" "$folder/bin/$("$script" --version | sed -E 's/^(\w+) server v=(\S+).*/\L\1\E-\2/')"
}

for suite in trixie sid; do
  root=$folder/$suite
  [ -x "$root/usr/bin/valkey-server" ] ||
    debootstrap --variant=minbase --include=redis-server,valkey-server "$suite" "$root"
  program "$root" usr/bin/redis-server
  program "$root" usr/bin/valkey-server
done

# Experimental's packages run with sid's libraries, and come from where debootstrap found those.
awk '$1 == "deb" { print "deb", $2, "experimental main"; exit }' "$folder/sid/etc/apt/sources.list" > "$folder/sid/etc/apt/sources.list.d/experimental.list"
chroot "$folder/sid" bash -euc '
  apt-get -qq -o Acquire::Check-Valid-Until=false update
  mkdir -p /opt/experimental && cd /opt/experimental && chown _apt .
  apt-get -qq download redis-server/experimental redis-tools/experimental
  for package in *.deb; do dpkg -x "$package" .; done'
program "$folder/sid" opt/experimental/usr/bin/redis-server
ls "$folder/bin"
