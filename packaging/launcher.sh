#!/bin/sh
# Starts the program of the npm package or the Python wheel, which is in tree/ beside this file, and hands over the
# PostgreSQL servers that came along with it as packages of their own. A line of the file "servers" beside it:
#   FOLDER VERSION BELOW    the package's folder, its version, where in it bin/, lib/ and share/ are
# They are looked for where this file's own package manager has put them and nowhere else: never from the working
# directory upwards, where a branch could leave programs for us. They count after all installed servers, and nothing is
# looked for when PLUMBLINE_PG_BIN says what to use.
set -u
self=$(readlink -f -- "$0") || exit 1
here=${self%/*}

warn() { echo "plumbline: $*" >&2; }

# The folders that packages of this installation lie in, nearest first; $here ends in .../node_modules/plumbline or
# .../site-packages/plumbline.
package_folders() {
  echo "$here/node_modules"
  folder=${here%/*}
  echo "$folder"
  while [ -n "$folder" ]; do
    folder=${folder%/*}
    [ "${folder##*/}" != node_modules ] || echo "$folder"
  done
}

# npm packages cannot hold symbolic links; theirs are in a list, which their own script may not have been allowed to read.
# {"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}, the name of the link last; both in one folder.
links_of() {
  [ -f "$1/pg-symlinks.json" ] || return 0
  tr '}' '\n' <"$1/pg-symlinks.json" |
    sed -n 's/.*"source": *"native\/\([^"]*\)\/\([^"/]*\)", *"target": *"native\/\1\/\([^"/]*\)".*/\1 \2 \3/p'
}

lacks_links() {
  links_of "$1" | while read -r folder _ name; do
    [ -e "$1/$folder/$name" ] || { echo "$folder/$name"; break; }
  done
}

make_links() {
  links_of "$1" | while read -r folder source name; do
    case $folder in *..*) exit 1 ;; esac
    [ -e "$1/$folder/$name" ] || ln -s "$source" "$1/$folder/$name" 2>/dev/null || [ -e "$1/$folder/$name" ] || exit 1
  done
}

# Servers refuse to run as root, so as root the program starts them as another user, who has to get there.
others_can_enter() {
  folder=$1
  while [ -n "$folder" ]; do
    case $(stat -c %a "$folder" 2>/dev/null) in *[1357]) ;; *) return 1 ;; esac
    folder=${folder%/*}
  done
}

cache_folder() {
  if [ "$(id -u)" -eq 0 ]; then
    echo /var/cache/plumbline/servers
  elif [ -n "${XDG_CACHE_HOME:-}" ] && [ "${XDG_CACHE_HOME#/}" != "$XDG_CACHE_HOME" ]; then
    echo "$XDG_CACHE_HOME/plumbline/servers"
  elif [ -n "${HOME:-}" ]; then
    echo "$HOME/.cache/plumbline/servers"
  else
    return 1
  fi
}

# A copy that we can complete and the server's user can read; hard links where the file system allows, so that it costs
# no room. Its name stands for what was copied and from where: what somebody else's folder holds is never used for another.
# A wheel's foreign libraries lie beside it, in PACKAGE.libs.
copy_of() {
  package=$1 below=$2 version=$3 name=${1##*/}
  cache=$(cache_folder) || { warn "HOME is not set, so there is no place for a copy of $package"; return 1; }
  copy=$cache/$version-$({ echo "$package"; cat "$package/$below/bin/postgres"; } | cksum | tr ' ' -)
  if [ ! -d "$copy" ]; then
    (umask 022 && mkdir -p "$cache") 2>/dev/null || { warn "cannot make the folder $cache"; return 1; }
  fi
  # Whoever else could write there could give us programs to run.
  case $(stat -c '%u %a' "$cache") in
    "$(id -u) "*[2367] | "$(id -u) "*[2367]?) warn "others may write in $cache; not used"; return 1 ;;
    "$(id -u) "*) ;;
    *) warn "the folder $cache is somebody else's; not used"; return 1 ;;
  esac
  if [ ! -d "$copy" ]; then
    part=$copy.$$
    rm -rf "$part"
    (umask 022 && mkdir -p "$part/$name") && copy_tree "$package/$below" "$part/$name/$below" &&
      { [ ! -d "$package.libs" ] || copy_tree "$package.libs" "$part/$name.libs"; } && make_links "$part/$name/$below" &&
      mv -T "$part" "$copy" 2>/dev/null # fails when another run was faster
    rm -rf "$part"
  fi
  [ -d "$copy" ] || { warn "cannot copy $package to $copy"; return 1; }
  echo "$copy/$name/$below"
}

copy_tree() {
  cp -Rl "$1" "$2" 2>/dev/null || { rm -rf "$2" && cp -R "$1" "$2"; }
}

# Where the server can be started: the package itself, or a copy.
usable() {
  make_links "$1/$2"
  if [ -n "$(lacks_links "$1/$2")" ] || { [ "$(id -u)" -eq 0 ] && ! others_can_enter "$1/$2"; }; then
    copy_of "$1" "$2" "$3"
  else
    echo "$1/$2"
  fi
}

# Nothing but the package that this one was made for: by name and version in its package.json, where it has one.
is_the_one() {
  [ -x "$1/$3/bin/postgres" ] && [ -x "$1/$3/bin/initdb" ] || return 1
  [ ! -f "$1/package.json" ] || grep -q "^ *\"version\": *\"$2\",*\$" "$1/package.json"
}

packaged_servers() {
  while read -r name version below; do
    package_folders | while read -r folder; do
      is_the_one "$folder/$name" "$version" "$below" || continue
      package=$(readlink -f -- "$folder/$name") && directory=$(usable "$package" "$below" "$version") &&
        printf '%s/bin\n' "$directory"
      break
    done
  done <"$here/servers"
}

if [ -z "${PLUMBLINE_PG_BIN:-}" ]; then
  PLUMBLINE_PACKAGED_SERVERS=$(packaged_servers | paste -sd : -)
  export PLUMBLINE_PACKAGED_SERVERS
  PLUMBLINE_PACKAGED_INSTALL=$(cat "$here/install-servers" 2>/dev/null)
  export PLUMBLINE_PACKAGED_INSTALL
fi
exec "$here/tree/bin/plumbline" "$@"
