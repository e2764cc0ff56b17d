import type { DriverPackage } from '../../../../schemas/drivers/package.ts';
import type { DriverTarget } from '../../../../schemas/drivers/target.ts';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import type { DriverCell, DriversSeen, NodeDrivers } from '../../../../reconciler/core/drivers/drivers.ts';

export const NEW = '4.4.5.118';
export const OLD = '4.4.2.157';
export const KERNEL = '6.8.0-45-generic';
export const OTHER_KERNEL = '6.8.0-47-generic';

export function aTarget(version = NEW, kernel = KERNEL, rest: Partial<DriverTarget> = {}): DriverTarget {
  return { version, kernel, architecture: 'x86_64', ...rest };
}

export function aPackage(target: DriverTarget, digit = '5'): DriverPackage {
  return {
    ...target,
    file: `${target.version}-0123456789abcdef.tar.gz`,
    sha256: digit.repeat(64),
    bytes: 1_234_567,
    layout: 'modules',
  };
}

/** A build that the nodes have, or wait for. */
export function aCell(
  state: DriverCell['state'],
  target: DriverTarget,
  nodes: readonly string[],
  rest: Partial<DriverCell> = {},
): DriverCell {
  const isThere = state === 'built' || state === 'pre-built' || state === 'changed';
  return {
    service: {
      key: 'weka/dist',
      url: 'https://10.96.0.7:60002',
      inCluster: { namespace: 'weka', name: 'dist' },
    },
    target,
    nodes,
    state,
    ...(isThere && { package: aPackage(target) }),
    ...rest,
  };
}

/** What an agent reports about a package; it has loaded it unless `rest` says otherwise. */
export function aDriversReport(
  target: DriverTarget,
  rest: Partial<DriversReport> = {},
  sha256 = aPackage(target).sha256,
): DriversReport {
  const isLoaded = (rest.state ?? 'loaded') === 'loaded';
  const { version, kernel } = target;
  return {
    wanted: { version, sha256 },
    state: 'loaded',
    ...(isLoaded && { loaded: { version, sha256, kernel } }),
    modules: [],
    cached: [],
    ...rest,
  };
}

/** A node that shall have the drivers of `target`, and has them loaded unless `rest` says otherwise. */
export function aDriverNode(
  node: string,
  target: DriverTarget | undefined,
  rest: Partial<NodeDrivers> = {},
): NodeDrivers {
  return {
    node,
    owner: 'WekaCluster weka/demo',
    ...(target !== undefined && { target, report: aDriversReport(target) }),
    ...rest,
  };
}

export function nodeNames(n: number, prefix = 'node-'): readonly string[] {
  return Array.from({ length: n }, (_, index) => `${prefix}${index + 1}`);
}

/** Builds in several states, and nodes that are held up in several ways. */
export function someDrivers(): DriversSeen {
  const [main, next, custom] = [aTarget(), aTarget(NEW, OTHER_KERNEL), aTarget(OLD, '5.14.0-custom')];
  const names = nodeNames(62);
  const inUse = aDriversReport(main, {
    state: 'refused',
    code: 'IN_USE',
    message: `wekafsio of ${OLD} is in use.`,
    hint: 'Unmount /mnt/weka.',
    users: ['mount /mnt/weka', 'process 4711 (weka-client)'],
  });
  return {
    cells: [
      aCell('failed', custom, ['node-x'], {
        code: 'COMPILE',
        why: 'The compiler ended with exit code 2.',
        lastLines: [
          'make[1]: Entering directory',
          "wekafsgw.c:17:10: fatal error: 'linux/fs.h' not found",
          'make: *** [all] Error 2',
        ],
      }),
      aCell('building', next, ['node-63', 'node-64']),
      aCell('pre-built', main, names),
      aCell('coming', aTarget(NEW, '6.11.0-9-generic'), ['node-1']),
    ],
    nodes: [
      ...names.map((name) => aDriverNode(name, main, name === 'node-7' ? { report: inUse } : {})),
      aDriverNode('node-63', next, { report: aDriversReport(main) }),
      aDriverNode('node-64', next, {
        report: aDriversReport(main),
        against: [`WekaClient weka/clients wants ${OLD}`],
      }),
      aDriverNode('node-x', custom, { report: aDriversReport(custom, { state: 'working' }) }),
    ],
    lock: [
      {
        service: 'weka/dist',
        package: aPackage(main),
        origin: { kind: 'registry', url: 'https://drivers.weka.io/dist/v1/drivers/x.tar.gz' },
        commit: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
      },
    ],
  };
}
