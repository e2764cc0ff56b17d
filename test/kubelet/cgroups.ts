import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Wraps a command, so that it has a cgroup `NAME` in every hierarchy of this machine, and so that these are removed with all
 * that was made below them once the command and all that it started are gone, however they went: whoever removes them waits
 * for a pipe to close that all of them hold.
 */
export function withCgroups(
  name: string,
  command: { readonly file: string; readonly args: readonly string[] },
): { readonly file: string; readonly args: readonly string[] } {
  return { file: 'sh', args: ['-euc', HOLD, 'hold', name, REMOVE, command.file, ...command.args] };
}

/** The folders of a cgroup of that name which are there. */
export function cgroupsOf(name: string): readonly string[] {
  const top = '/sys/fs/cgroup';
  const hierarchies = [top, ...readdirSync(top).map((entry) => join(top, entry))];
  return hierarchies.map((hierarchy) => join(hierarchy, name)).filter((folder) => existsSync(folder));
}

/** Every folder in which a hierarchy, or the only one there is, begins. */
const HIERARCHIES = `
hierarchies() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; else
    for found in /sys/fs/cgroup/*; do
      [ -L "$found" ] || [ ! -e "$found/cgroup.procs" ] || echo "$found"
    done
  fi
}
`;

const HOLD = `${HIERARCHIES}
name=$1 remove=$2
shift 2
pipe=$(mktemp -u)
mkfifo -m 600 "$pipe"
setsid sh -euc "$remove" remove "$name" "$pipe" < /dev/null > /dev/null 2>&1 &
exec 9> "$pipe"
rm "$pipe"
for hierarchy in $(hierarchies); do
  mkdir "$hierarchy/$name"
  # Of a new one these are empty, and nothing may run in it.
  for set in cpus mems; do
    [ ! -e "$hierarchy/cpuset.$set" ] || [ ! -e "$hierarchy/$name/cpuset.$set" ] ||
      cat "$hierarchy/cpuset.$set" > "$hierarchy/$name/cpuset.$set" || true
  done
done
exec "$@"
`;

const REMOVE = `${HIERARCHIES}
cat "$2" > /dev/null
left() { for hierarchy in $(hierarchies); do find "$hierarchy/$1" -depth -type d 2> /dev/null || true; done; }
tries=0
while [ -n "$(left "$1")" ] && [ $tries -lt 200 ]; do
  left "$1" | while read -r folder; do rmdir "$folder" 2> /dev/null || true; done
  tries=$((tries + 1))
  [ -z "$(left "$1")" ] || sleep 0.1
done
`;
