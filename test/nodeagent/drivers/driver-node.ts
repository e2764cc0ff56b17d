import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DriverKeeper } from '../../../nodeagent/drivers/driver-keeper.ts';
import { openDriverHands } from '../../../nodeagent/host/driver-hands.ts';
import type { DriversReport } from '../../../schemas/node/drivers.ts';
import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import { until } from '../../cluster/until.ts';
import { fastTime } from '../../support/fast-time.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { anIntent, aPackage } from '../plan/driver-builders.ts';
import { archive, sha256 } from './archive.ts';
import { infoOf, kernelModule } from './kernel-module.ts';
import type { PackageServer } from './package-server.ts';
import { RELEASE, SimulatedKernel, VERMAGIC } from './simulated-kernel.ts';

const BOOT = '6f1c1d0e-4a57-4f0b-9a8e-6c6d6f1f0c11';

/** A node with a simulated kernel, and a folder for what its agent keeps. */
export async function driverNode() {
  const root = await fakeRoot({
    '/proc/version': 'Linux\n',
    '/proc/modules': '',
    '/proc/sys/kernel/osrelease': `${RELEASE}\n`,
    '/proc/sys/kernel/version': '#1 SMP\n',
    '/proc/sys/kernel/modules_disabled': '0\n',
    '/sys/module/module/parameters/sig_enforce': 'N\n',
    '/sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
    '/usr/lib/os-release': 'ID=debian\n',
    '/etc/os-release': { link: '/usr/lib/os-release' },
    [`/lib/modules/${RELEASE}/modules.dep`]: 'kernel/drivers/uio/uio.ko:\n',
    [`/lib/modules/${RELEASE}/modules.builtin`]: 'kernel/net/arp_tables.ko\n',
    [`/lib/modules/${RELEASE}/kernel/drivers/uio/uio.ko`]: kernelModule({
      info: ['name=uio', `vermagic=${VERMAGIC}`],
    }),
  });
  const kernel = new SimulatedKernel(root);
  await kernel.boot(BOOT);
  return { root, kernel, host: fakeHost(root), state: join(root, 'var/lib/weka-nodeagent') };
}

export type DriverNode = Awaited<ReturnType<typeof driverNode>>;

/** A package of that version as a builder makes it, and the intent that asks for it. */
export async function builtPackage(
  version: string,
  { vermagic = VERMAGIC, bytes = 5000 }: { vermagic?: string; bytes?: number } = {},
) {
  const depends: Readonly<Record<string, string>> = { igb_uio: 'uio', wekafsio: 'wekafsgw' };
  const names = ['wekafsio', 'wekafsgw', 'mpin_user', 'igb_uio'];
  const packed = await archive(
    names.map((name) => [
      { name: `${name}-${version}.ko` },
      kernelModule({ info: infoOf(name, { version, vermagic, depends: depends[name] ?? '' }), bytes }),
    ]),
  );
  const made = aPackage(version, { kernel: RELEASE, sha256: sha256(packed), bytes: packed.length });
  const intent = (server: Pick<PackageServer, 'source'>, more: Partial<DriversIntent> = {}): DriversIntent =>
    anIntent(version, { package: made, from: [server.source], ...more });
  return { packed, package: made, intent };
}

/** The keeper of the drivers of a node, which goes on until it is stopped. Its time passes twenty times as fast. */
export function keeperOf({ host, kernel, root, state }: DriverNode) {
  const stop = new AbortController();
  const reports: (DriversReport | undefined)[] = [];
  const lines: string[] = [];
  const waits: number[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, message: string) => {
    const about = ['step', 'module', 'file', 'code'];
    const said = about.flatMap((name) => (typeof fields[name] === 'string' ? [fields[name]] : []));
    lines.push(said.length === 0 ? message : said.join(' '));
  };
  const keeper: DriverKeeper = new DriverKeeper({
    host,
    hands: openDriverHands(host, root, kernel.exec),
    state,
    time: fastTime(20),
    random: () => 0.5,
    log: { info: note, warn: note },
    changed: () => void reports.push(keeper.report),
    turns: (waitMs) => void waits.push(waitMs),
  });
  const done = (async () => {
    await keeper.open();
    await keeper.run(stop.signal);
  })();
  const end = async () => {
    stop.abort(new Error('Ended.'));
    keeper.look();
    await done;
  };
  onTestFinished(end);
  let generation = 1000;
  return {
    keeper,
    reports,
    lines,
    /** How long it said that it would wait, each time. */
    waits,
    end,
    wants: (drivers: DriversIntent) => keeper.wants({ schemaVersion: 1, generation: ++generation, drivers }),
    is: async (state: DriversReport['state'], code?: string): Promise<DriversReport> =>
      await until(`the drivers are ${state} ${code ?? ''}`, () => {
        const { report } = keeper;
        return report?.state === state && report.code === code && report;
      }),
  };
}
