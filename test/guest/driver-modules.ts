import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertificateAuthority, type Identity } from '../cluster/certificates.ts';
import { lastLines, Supervisor } from '../cluster/supervisor.ts';
import { assertRoot, insideRoot } from '../image/inside-root.ts';
import { debianRoot } from '../tools/debian/debian-root.ts';
import { firmwareKey } from './firmware.ts';
import { kept } from './kept.ts';
import { guestKernel, type KernelVersion } from './kernel.ts';
import { guestKernels } from './packages.ts';

/** Versions of WEKA that stand-in modules are built for. With the last, wekafsio does not take to any machine. */
export const FIRST = '4.4.5.118-test.1';
export const SECOND = '4.4.5.118-test.2';
export const BROKEN = '4.4.5.118-test.3';
/** Folders of the modules of the first version that are signed: with a key that no kernel knows, and with one of the firmware's. */
export const SIGNED = { stranger: 'signed-by-a-stranger', firmware: 'signed-for-the-firmware' } as const;

/** Folder of the real igb_uio of DPDK, beside those of versions. */
export const DPDK = 'dpdk';

const BUILDS: readonly { readonly version: string; readonly fault?: string }[] = [
  { version: FIRST },
  { version: SECOND },
  { version: BROKEN, fault: 'wekafsio' },
];

/** The modules, in the order in which they are loaded. */
export const MODULES = ['wekafsgw', 'wekafsio', 'mpin_user', 'igb_uio'] as const;

const SOURCES = join(import.meta.dirname, '../weka/modules');

/** Debian's own make, compiler and headers build them, whatever this machine has. */
const BUILD = `
# No script of a package has run.
ln -sf mawk /usr/bin/awk
release=$1 first=$2
shift 2
while [ $# -gt 0 ]; do
  version=$1 fault=$2
  shift 2
  mkdir -p "/tmp/$version" "/output/$version"
  cp /sources/* "/tmp/$version"
  make --silent -C "/lib/modules/$release/build" M="/tmp/$version" WEKA_VERSION="$version" FAULT="$fault" modules
  for module in "/tmp/$version"/*.ko; do
    strip --strip-debug -o "/output/$version/$(basename "$module")" "$module"
  done
done
mkdir /output/dpdk
cp -r /dpdk /tmp/dpdk
make --silent -C "/lib/modules/$release/build" M=/tmp/dpdk modules
strip --strip-debug -o /output/dpdk/igb_uio.ko /tmp/dpdk/igb_uio.ko
for keys in /keys/*; do
  signed=/output/$(basename "$keys")
  cp -r "/output/$first" "$signed"
  for module in "$signed"/*.ko; do
    "/lib/modules/$release/build/scripts/sign-file" sha256 "$keys/key" "$keys/certificate" "$module"
  done
done
`;

/** A folder with a folder for each version, those of signed modules, and DPDK's, where the modules are as `wekafsio.ko`. */
export async function driverModules(version: KernelVersion): Promise<string> {
  const [root, { release }, dpdk] = await Promise.all([guestKernels(), guestKernel(version), dpdkSources()]);
  const sources = await Promise.all(
    (await readdir(SOURCES)).toSorted().map(async (name) => await readFile(join(SOURCES, name), 'utf8')),
  );
  return await kept({
    name: `driver-modules-${version}`,
    from: [root, release, sources, dpdk, BUILDS, BUILD],
    make: async (path) => await build(path, root, release, dpdk),
  });
}

/** Sources of DPDK's kernel modules, as Debian gives them to be built on each machine. */
async function dpdkSources(): Promise<string> {
  const folder = join(await debianRoot({ name: 'dpdk-kmods', packages: ['dpdk-kmods-dkms'] }), 'usr/src');
  const name = (await readdir(folder)).find((each) => each.startsWith('dpdk-kmods-'));
  if (name === undefined) throw new Error(`There are no sources of DPDK's modules in ${folder}.`);
  return join(folder, name);
}

async function build(path: string, root: string, release: string, dpdk: string): Promise<void> {
  assertRoot('Building kernel modules');
  await mkdir(path);
  const supervisor = await Supervisor.start();
  try {
    const [scratch, sources] = [join(supervisor.folder, 'root'), join(supervisor.folder, 'sources')];
    await mkdir(scratch);
    await cp(SOURCES, sources, { recursive: true });
    const keys = join(supervisor.folder, 'keys');
    await writeKeys(join(keys, SIGNED.stranger), CertificateAuthority.create('nobody that a kernel knows'));
    await writeKeys(join(keys, SIGNED.firmware), await firmwareKey());
    const words = BUILDS.flatMap(({ version, fault = '' }) => [version, fault]);
    const { file, args } = insideRoot({
      root,
      scratch,
      binds: [
        { from: sources, to: '/sources' },
        { from: dpdk, to: '/dpdk' },
        { from: path, to: '/output' },
        { from: keys, to: '/keys' },
      ],
      ownNetwork: true,
      command: ['sh', '-euc', BUILD, 'build', release, FIRST, ...words],
    });
    const log = join(supervisor.folder, 'build.log');
    const building = await supervisor.spawn({ file, args, cwd: supervisor.folder, env: process.env, log });
    const how = await building.ended;
    if (how !== 'exit code 0') throw new Error(`Modules were not built, ${how}: ${await lastLines(log, 20)}`);
  } finally {
    await supervisor.end();
  }
}

async function writeKeys(folder: string, { key, certificate }: Identity): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'key'), key);
  await writeFile(join(folder, 'certificate'), certificate);
}
