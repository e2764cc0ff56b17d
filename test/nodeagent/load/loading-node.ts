import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LastLines } from '../../../nodeagent/build/last-lines.ts';
import { keepPackage, readKept } from '../../../nodeagent/load/kept-package.ts';
import { loadOrGoBack, type WayBack } from '../../../nodeagent/load/load-or-go-back.ts';
import { type VendorLoad, vendorLoad } from '../../../nodeagent/load/vendor-load.ts';
import { STEADY_TIME } from '../../../nodeagent/time.ts';
import type { PackageModule } from '../../../nodeagent/plan/package-module.ts';
import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';

const BYTES = 'the verified package';
export const FILE = 'weka-driver-0123-4567.zip';
const KERNEL = '6.1.0';

/** Both modules, as /proc/modules has them. */
export const BOTH = 'wekafsio 4096 0 - Live 0x0\nwekafsgw 4096 1 wekafsio, Live 0x0\n';

/** Has the kernel take both modules; without a version, of the one that the command was asked for. */
export function loads(version = '$5'): string {
  const both = BOTH.replaceAll('\n', String.raw`\n`);
  return `printf '${both}' > "$ROOT/proc/modules"; for each in wekafsio wekafsgw; do echo "${version}" > "$ROOT/sys/module/$each/version"; done; echo 1 > "$ROOT/sys/module/wekafsgw/refcnt"`;
}
export const LOADS = loads();

/** A package of these bytes. */
export function packageOf(bytes: string | Buffer = BYTES, version = '4.4.5', file = FILE): DriverPackage {
  return {
    version,
    kernel: KERNEL,
    architecture: 'x86_64',
    file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    layout: 'vendor',
  };
}

/** What both modules of a package say of themselves. */
export function wekaModules(version: string, more: Partial<PackageModule> = {}): readonly PackageModule[] {
  return ['wekafsgw', 'wekafsio'].map((name, index) => ({
    file: `${index}.ko`,
    name,
    architecture: 'x86_64',
    vermagic: `${KERNEL} SMP mod_unload `,
    depends: name === 'wekafsio' ? ['wekafsgw'] : [],
    version,
    isSigned: false,
    sha256: 'a'.repeat(64),
    ...more,
  }));
}

/** A node with programs that change a folder in place of the kernel. */
export async function aNode({
  install,
  loaded = '',
  canTell = true,
}: {
  readonly install: string;
  readonly loaded?: string;
  readonly canTell?: boolean;
}) {
  const root = await fakeRoot({
    '/proc/modules': loaded,
    '/proc/sys/kernel/random/boot_id': 'boot-a\n',
    '/proc/wekafs/interface': 'Active mounts: 0\n',
    '/sys/module/wekafsgw/refcnt': '1\n',
    '/sys/module/wekafsgw/version': '4.4.4\n',
    '/sys/module/wekafsio/refcnt': '0\n',
    '/sys/module/wekafsio/version': '4.4.4\n',
  });
  const [bin, drivers, keeping] = [join(root, 'bin'), join(root, 'drivers'), join(root, 'kept')];
  await mkdir(bin);
  await mkdir(drivers);
  await mkdir(keeping);
  await writeFile(join(drivers, FILE), BYTES);
  await program(
    join(bin, 'weka'),
    `echo "$*" >> "$ROOT/journal"
[ "$1" = version ] && exit 0
case "$2" in
--help) echo '  install'${canTell ? "; echo '  ready'" : ''} ;;
ready) grep -q '^wekafsio' "$ROOT/proc/modules" && [ "$(cat "$ROOT/sys/module/wekafsio/version")" = "$5" ] ;;
install) ${install} ;;
esac`,
  );
  await program(
    join(bin, 'rmmod'),
    `grep -v "^$1 " "$ROOT/proc/modules" | sed 's/ 1 wekafsio,/ 0 -/' > "$ROOT/left"; cat "$ROOT/left" > "$ROOT/proc/modules"; echo 0 > "$ROOT/sys/module/wekafsgw/refcnt"`,
  );
  const env = { PATH: `${bin}:/usr/bin:/bin`, ROOT: root, DRIVERS: drivers };
  const asked = (replace: DriversIntent['replace']): Omit<VendorLoad, 'wayBack'> => ({
    package: packageOf(),
    release: '4.4.5',
    folder: drivers,
    host: fakeHost(root),
    env,
    replace,
    withinMs: 1,
    everyMs: 10,
    output: new LastLines(() => {}),
    stop: new AbortController().signal,
    time: STEADY_TIME,
  });
  return {
    root,
    drivers,
    keeping,
    loaded: async () =>
      (await readFile(join(root, 'proc/modules'), 'utf8'))
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ')[0]),
    version: async () => (await readFile(join(root, 'sys/module/wekafsio/version'), 'utf8')).trim(),
    /** What the command was asked for so far, but for its help. */
    journal: async () =>
      (await readFile(join(root, 'journal'), 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '' && !line.includes('--help')),
    /** Keeps a package as one that was loaded before. */
    keep: async (bytes: string | Buffer, version: string) => {
      const wanted = packageOf(bytes, version, 'weka-driver-89ab-4567.zip');
      const [path, spec] = [join(root, 'before.zip'), join(root, 'before.spec')];
      await writeFile(path, bytes);
      await writeFile(spec, '{}');
      await keepPackage(keeping, { package: wanted, release: version, path, spec });
      return wanted;
    },
    load: async (replace: DriversIntent['replace'], more: Partial<VendorLoad> = {}) =>
      await vendorLoad({ ...asked(replace), wayBack: async () => await Promise.resolve(false), ...more }, []),
    loadOrGoBack: async (
      replace: DriversIntent['replace'],
      more: Partial<WayBack> &
        Partial<Pick<VendorLoad, 'commandMs' | 'stop'>> & { readonly pod?: string } = {},
    ) => {
      const { pod = 'pod-a', commandMs, stop, ...back } = more;
      const command = {
        ...(commandMs === undefined ? {} : { commandMs }),
        ...(stop === undefined ? {} : { stop }),
      };
      await writeFile(join(drivers, FILE), BYTES);
      await loadOrGoBack(
        { ...asked(replace), ...command },
        {
          folder: keeping,
          kept: await readKept(keeping),
          attempt: { sha256: packageOf().sha256, bootId: 'boot-a', pod },
          bring: async () => await Promise.reject(new Error('Nothing is to be brought.')),
          scratch: root,
          ...back,
        },
      );
    },
  };
}

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
