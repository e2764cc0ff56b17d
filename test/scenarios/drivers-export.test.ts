import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PackageOrigin, PinnedPackage } from '../../reconciler/core/drivers/lock.ts';
import { HttpRegistry } from '../../reconciler/world/drivers/http-registry.ts';
import { STEADY_TIME } from '../../reconciler/world/steady-time.ts';
import { DRIVERS_PATH, modulesFile } from '../../schemas/drivers/package.ts';
import { DriversExport } from '../../schemas/output/drivers-export.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { certificateIn } from '../nodeagent/dist/certificates.ts';
import { distSite, sha256Of, startTestDist } from '../nodeagent/dist/dist-site.ts';
import { giving, serve } from '../nodeagent/fetch/registry.ts';
import { aTarget } from '../support/drivers-world.ts';
import { anInstallation, type Installation } from '../support/installation.ts';

const cluster = await sharedCluster();

const OLD = aTarget('4.4.5');
const NEW = aTarget('4.4.6');
const bytesOf = (target: typeof OLD) => Buffer.from(`the package of ${target.version}\n`.repeat(20_000));

function pinned(target: typeof OLD, service: string, origin: PackageOrigin): PinnedPackage {
  const bytes = bytesOf(target);
  return {
    service,
    package: {
      ...target,
      file: modulesFile(target),
      sha256: sha256Of(bytes),
      bytes: bytes.length,
      layout: 'modules',
    },
    origin,
    commit: 'c'.repeat(40),
  };
}

async function kubectl(args: readonly string[], input?: object): Promise<void> {
  const options = input === undefined ? {} : { input: JSON.stringify(input) };
  const { stderr, exitCode } = await cluster.kubectl(args, options);
  if (exitCode !== 0) throw new Error(stderr);
}

async function apply(object: object): Promise<void> {
  await kubectl(['create', '-f', '-'], object);
}

/** An address of this machine that the API server takes for one of a pod. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) throw new Error('This machine has no address but its loopback.');
  return found.address;
}

/** A Service whose one pod is what listens at this port of the machine, as kubelet and controllers leave it. */
async function aServiceAt(namespace: string, port: number): Promise<void> {
  const metadata = { name: 'dist', namespace };
  const ip = ownAddress();
  await apply({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 60_002 }] } });
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    // No node takes it, so that its status stays what is written here.
    spec: { schedulerName: 'nobody', containers: [{ name: 'dist', image: 'dist' }] },
  });
  const patch = JSON.stringify({ status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } });
  await kubectl([
    'patch',
    'pod',
    'dist',
    '-n',
    namespace,
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  ]);
  await apply({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    subsets: [{ addresses: [{ ip, targetRef: { kind: 'Pod', ...metadata } }], ports: [{ port }] }],
  });
}

interface Exporting extends Installation {
  readonly folder: string;
  /** `namespace/name` of the distribution service, and where it listens. */
  readonly service: string;
  readonly port: number;
  /** Keeps this lock in the cluster. */
  pin(...packages: readonly PinnedPackage[]): Promise<void>;
  export(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly result: DriversExport }>;
  /** Files of the mirror. */
  files(): Promise<readonly string[]>;
}

/** An installation with a distribution service that has the old package, and somebody who may reach it by the API server. */
async function anExport({ mayReach = true } = {}): Promise<Exporting> {
  const installation = await anInstallation(cluster);
  const { namespace, systemNamespace } = installation;
  const name = systemNamespace.replace(/-system$/, '');
  const site = await distSite();
  const names = [`dist.${namespace}.svc.cluster.local`];
  await certificateIn(site.tls, site.authority, 'server', { names });
  await mkdir(join(site.folder, 'drivers'), { recursive: true });
  await writeFile(join(site.folder, 'drivers', modulesFile(OLD)), bytesOf(OLD));
  const { port } = await startTestDist(site, { host: '0.0.0.0' });
  await aServiceAt(namespace, port);
  if (mayReach) {
    const rules = [{ apiGroups: [''], resources: ['services/proxy'], verbs: ['get'] }];
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'export', namespace } };
    await apply({ ...rbac, kind: 'Role', rules });
    await apply({
      ...rbac,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'export' },
      subjects: [{ kind: 'ServiceAccount', name, namespace: systemNamespace }],
    });
  }
  const folder = join(await scratchFolder(), 'mirror');
  const driverRegistries: string[] = [];
  return {
    ...installation,
    folder,
    service: `${namespace}/dist`,
    port,
    async pin(...packages) {
      for (const { origin } of packages) {
        if (origin.kind === 'registry') driverRegistries.push(new URL(origin.url).origin);
      }
      const data = {
        'ca.crt': site.authority.certificate,
        'drivers.lock': JSON.stringify({ schemaVersion: 1, packages }),
      };
      const about = { name: `${name}-drivers`, namespace: systemNamespace };
      await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: about, data });
    },
    async export(...args) {
      const configured = installation.beside({ ceilings: { driverRegistries } });
      const ran = await configured.run('drivers', 'export', '--to', folder, '--output', 'json', ...args);
      if (ran.stdout === '') throw new Error(ran.stderr);
      return { exitCode: ran.exitCode, result: DriversExport.parse(JSON.parse(ran.stdout)) };
    },
    files: async () => (await readdir(join(folder, DRIVERS_PATH))).toSorted(),
  };
}

const BUILT = { kind: 'builder', pod: 'weka/builder' } as const;

async function aRegistryWith(bytes: Buffer): Promise<{ readonly url: string; readonly asked: () => number }> {
  const { port, requests } = await serve(giving(bytes));
  return { url: `http://127.0.0.1:${port}`, asked: () => requests.length };
}

/** As any web server does it: files by their paths, with their lengths. */
async function serveFolder(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    void readFile(join(folder, request.url ?? '')).then(
      (bytes) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.end(request.method === 'HEAD' ? undefined : bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('weka-gitops drivers export', () => {
  it('brings every pinned package into a folder that any web server serves as a registry', async () => {
    const world = await anExport();
    const registry = await aRegistryWith(bytesOf(NEW));
    const url = `${registry.url}${DRIVERS_PATH}/${modulesFile(NEW)}`;
    await world.pin(pinned(OLD, world.service, BUILT), pinned(NEW, registry.url, { kind: 'registry', url }));
    const { exitCode, result } = await world.export();
    expect(result.packages).toMatchObject([
      { version: '4.4.5', result: 'written', from: `service ${world.service}` },
      { version: '4.4.6', result: 'written', from: registry.url },
    ]);
    expect(exitCode).toBe(0);
    const names = [OLD, NEW].map(modulesFile);
    expect(await world.files()).toEqual(names.flatMap((name) => [name, `${name}.sha256`]));
    for (const target of [OLD, NEW]) {
      const path = join(world.folder, DRIVERS_PATH, modulesFile(target));
      expect(await readFile(path)).toEqual(bytesOf(target));
      expect(await readFile(`${path}.sha256`, 'utf8')).toBe(
        `${sha256Of(bytesOf(target))}  ${modulesFile(target)}\n`,
      );
    }

    const mirror = await serveFolder(world.folder);
    await using reader = new HttpRegistry({
      userAgent: 'test',
      time: STEADY_TIME,
      proxyEnv: {},
      allowed: [mirror],
    });
    const answers = await reader.ask([{ key: 'new', registry: mirror, target: NEW }]);
    const { package: about } = pinned(NEW, mirror, BUILT);
    expect(answers.get('new')).toMatchObject({ state: 'has', package: about });

    const asked = registry.asked();
    const again = await world.export();
    expect(again).toMatchObject({
      exitCode: 0,
      result: { packages: [{ result: 'there' }, { result: 'there' }] },
    });
    expect(registry.asked()).toBe(asked);
  });

  it('brings what is asked for by version or service, from an address where one is given', async () => {
    const world = await anExport({ mayReach: false });
    await world.pin(pinned(OLD, world.service, BUILT), pinned(NEW, 'weka/other', BUILT));
    // As a forwarded port has it: the certificate is for the name of the service.
    const from = `https://127.0.0.1:${world.port}`;
    const { exitCode, result } = await world.export('--version', '4.4.5', '--from', from);
    expect(result.packages).toMatchObject([{ version: '4.4.5', result: 'written', from }]);
    expect(exitCode).toBe(0);
    const some = await world.export('--service', world.service);
    expect(some.result.packages).toMatchObject([{ version: '4.4.5', result: 'there' }]);
    const none = await world.run('drivers', 'export', '--to', world.folder, '--version', '4.4.7');
    expect(none).toMatchObject({ exitCode: 2, stdout: '' });
    expect(none.stderr).toContain('USAGE: --version "4.4.7": nothing is pinned for it.');
    expect(none.stderr).toContain('Did you mean 4.4.');
  });

  it.each<[string, Buffer, string, RegExp]>([
    ['of other bytes', Buffer.from(bytesOf(NEW)).fill('x'), 'DIGEST', /has SHA-256 .*, and not the pinned /],
    ['that is cut off', bytesOf(NEW).subarray(9), 'SIZE', /ends after \d+ of \d+ bytes/],
    ['that is too long', Buffer.concat([bytesOf(NEW), Buffer.from('x')]), 'SIZE', /is longer than/],
  ])('leaves nothing of a package %s, says so, and brings the others', async (_, bytes, code, why) => {
    const world = await anExport();
    const registry = await aRegistryWith(bytes);
    const url = `${registry.url}${DRIVERS_PATH}/${modulesFile(NEW)}`;
    await world.pin(pinned(OLD, world.service, BUILT), pinned(NEW, registry.url, { kind: 'registry', url }));
    const { exitCode, result } = await world.export();
    expect(exitCode).toBe(1);
    expect(result.packages).toMatchObject([{ result: 'written' }, { result: 'failed', code }]);
    expect(result.packages[1]?.why).toMatch(why);
    expect(await world.files()).toEqual([modulesFile(OLD), `${modulesFile(OLD)}.sha256`]);
  });

  it('never writes over another file, and says where a package cannot be had', async () => {
    const world = await anExport();
    await world.pin(pinned(OLD, world.service, BUILT), pinned(NEW, world.service, BUILT));
    const path = join(world.folder, DRIVERS_PATH, modulesFile(OLD));
    await mkdir(join(world.folder, DRIVERS_PATH), { recursive: true });
    await writeFile(path, 'mine');
    const { exitCode, result } = await world.export();
    expect(exitCode).toBe(1);
    expect(result.packages).toMatchObject([
      {
        result: 'failed',
        why: expect.stringContaining('is another package'),
        hint: expect.stringMatching(/^Delete/),
      },
      {
        result: 'failed',
        code: 'PACKAGE_MISSING',
        why: `service ${world.service} does not have ${modulesFile(NEW)}, or is not there itself.`,
      },
    ]);
    expect(await readFile(path, 'utf8')).toBe('mine');
    const text = await world.run('drivers', 'export', '--to', world.folder);
    expect(text.stdout).toContain(
      `2 packages of drivers of ${world.systemNamespace.replace(/-system$/, '')}`,
    );
    expect(text.stdout).toContain('2 failed');
    expect(text.stdout.replaceAll(/\s+/g, ' ')).toContain(
      `PACKAGE_MISSING: service ${world.service} does not have`,
    );
  });

  it('says which right is missing to whoever may not reach services', async () => {
    const world = await anExport({ mayReach: false });
    await world.pin(pinned(OLD, world.service, BUILT));
    const { exitCode, result } = await world.export();
    expect(exitCode).toBe(1);
    expect(result.packages).toMatchObject([
      {
        result: 'failed',
        code: 'UNREACHABLE',
        why: expect.stringContaining('may not get services/proxy'),
        hint: expect.stringContaining('"services/proxy"'),
      },
    ]);
  });

  it('says so where nothing is pinned, where the lock is damaged, and where the folder cannot be', async () => {
    const world = await anExport();
    const none = await world.run('drivers', 'export', '--to', world.folder);
    expect(none).toMatchObject({ exitCode: 1, stderr: '' });
    expect(none.stdout).toContain('No package of drivers is pinned in ');
    const nowhere = await world.run('drivers', 'export', '--to', '/dev/null');
    expect(nowhere).toMatchObject({ exitCode: 2, stdout: '' });
    expect(nowhere.stderr).toContain('USAGE: --to: ');
    const name = `${world.systemNamespace.replace(/-system$/, '')}-drivers`;
    const metadata = { name, namespace: world.systemNamespace };
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'drivers.lock': 'no lock' } });
    const damaged = await world.run('drivers', 'export', '--to', world.folder);
    expect(damaged).toMatchObject({ exitCode: 2, stdout: '' });
    expect(damaged.stderr).toContain('DRIVERS_LOCK_DAMAGED');
  });
});
