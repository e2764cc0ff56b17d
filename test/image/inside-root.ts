/** A folder or a file of this machine, and where it is seen inside. */
export interface Bind {
  readonly from: string;
  readonly to: string;
}

export interface InsideOptions {
  /** The root file system. It stays as it is: what is written over it is kept in memory, and gone at the end. */
  readonly root: string;
  /** An empty folder, for the mounts. */
  readonly scratch: string;
  readonly binds?: readonly Bind[];
  /** Whether it gets a network of its own, with nothing in it. */
  readonly ownNetwork?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** A program of the root with its arguments. */
  readonly command: readonly string[];
}

/** To be asked first, since what is mounted and entered later would only say that it is not permitted. */
export function assertRoot(what: string): void {
  if (process.getuid?.() === 0) return;
  throw new Error(
    `${what} needs root, who may mount: run the tests as root, in a container with --privileged.`,
  );
}

/**
 * How to start a program as if `root` were the machine, in namespaces of its own: when the process is killed, the kernel kills
 * all that it started and unmounts all that was mounted, and nobody else has seen any of it.
 */
export function insideRoot(options: InsideOptions): {
  readonly file: string;
  readonly args: readonly string[];
} {
  const { root, scratch, binds = [], ownNetwork = false, env = {}, command } = options;
  return {
    file: 'unshare',
    args: [
      '--mount',
      '--propagation=private',
      '--pid',
      '--fork',
      '--kill-child',
      ...(ownNetwork ? ['--net', '--uts'] : []),
      'sh',
      '-euc',
      ENTER,
      'enter',
      root,
      scratch,
      ...binds.flatMap(({ from, to }) => [from, to]),
      '--',
      ...Object.entries({ ...BASIC, ...env }).map(([name, value]) => `${name}=${value}`),
      ...command,
    ],
  };
}

const BASIC = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', HOME: '/root', LC_ALL: 'C.UTF-8' };

const ENTER = `
root=$1 scratch=$2
shift 2
mount -t tmpfs -o mode=755 scratch "$scratch"
mkdir "$scratch/changes" "$scratch/work" "$scratch/root"
mount -t overlay -o "lowerdir=$root,upperdir=$scratch/changes,workdir=$scratch/work" overlay "$scratch/root"
cd "$scratch/root"
mkdir -p .host dev proc run sys tmp
mount --rbind /dev dev
mount -t proc proc proc
# One of its own tells of its own network.
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
# Nobody is known where no script of a package has run.
[ -e etc/passwd ] || echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd
[ -e etc/group ] || echo 'root:x:0:' > etc/group
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p "$(dirname ".$2")" && touch ".$2"; fi
  mount --rbind "$1" ".$2"
  shift 2
done
shift
pivot_root . .host
cd /
umount -l /.host
rmdir /.host
mount --make-rshared /
exec env -i "$@"
`;
