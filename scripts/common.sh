# Shell functions that several scripts share; sourced, never run.
# shellcheck shell=bash

say() { echo "${0##*/}: $*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "needs root to run '$1'; install sudo or run this as root"
    return 1
  fi
}

# Servers refuse to run as root; Debian's package brings the user postgres.
as_server_user() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

# Files that servers read; as root they run as another user, who cannot look into root's home.
shared_cache() {
  local home=~ # also where HOME is not set
  if [ "$(id -u)" -eq 0 ]; then
    echo /var/cache
  else
    echo "${XDG_CACHE_HOME:-$home/.cache}"
  fi
}

# Where scripts/setup keeps the servers that Debian does not have.
servers_directory() { echo "$(shared_cache)/plumbline-servers"; }

# Where scripts/setup keeps the schemas of formats that are not ours.
schemas_directory() { echo "$(shared_cache)/plumbline-schemas"; }

# Where scripts/setup keeps the linters that Debian does not have.
tools_directory() { echo "$(shared_cache)/plumbline-tools"; }

# shellcheck disable=SC2034 # for those who source this
debian_server=/usr/lib/postgresql/15/bin
