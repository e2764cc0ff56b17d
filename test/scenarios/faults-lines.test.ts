import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../cluster/certificates.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { World } from '../support/crash-world.ts';
import { overtake } from '../support/fault-chance.ts';
import type { Fault, FaultRule } from '../support/fault-rules.ts';
import { FaultRun, type LogLine } from '../support/fault-run.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import type { ServedRequest, Trouble } from '../support/git-server.ts';
import { configMap } from '../support/manifests.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MAIN = fileURLToPath(new URL('../../reconciler/main.ts', import.meta.url));

/** What a run says of its work, whatever befalls it. */
const ORDINARY = new Set([
  'Waiting for the lease',
  'Acquired the lease',
  'Planned',
  'Applied change',
  'Pass ended',
  'Works again',
  'Every watch is back',
  'Started',
  'Stopping',
  'Stopped',
  'Released the lease',
]);

interface Stage extends AsyncDisposable {
  readonly run: FaultRun;
  readonly world: World;
  readonly faults: FaultServer;
  readonly folder: string;
}

/** A run at rest behind a proxy; its lease is renewed too seldom to meet a fault that is meant for something else. */
async function atRest({ isSecure = false }: { readonly isSecure?: boolean } = {}): Promise<Stage> {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-lines-')),
  ]);
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, AUTHORITY.certificate);
  if (isSecure) await faults.showCertificate(AUTHORITY.issue(SERVER));
  const trust = isSecure ? { authority } : {};
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), { ...world.account, ...trust });
  const lease = { durationMs: 4 * HOUR, renewMs: HOUR };
  const run = await new FaultRun(world, { faults, lease, random: () => 0.5 }).start();
  await run.passUntil('it is calm', () => run.isCalm);
  await run.pass(MINUTE);
  return {
    run,
    world,
    faults,
    folder,
    async [Symbol.asyncDispose]() {
      await run.stop();
      await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
    },
  };
}

const AUTHORITY = CertificateAuthority.create('Authority');
const SERVER = { commonName: 'kube-apiserver', hosts: ['127.0.0.1'] };

/** A line as a person reads it, without the names of its world. */
function line(world: World, { level, message, code, why }: LogLine): string {
  const what = [message, code, why].filter((part) => typeof part === 'string').join(': ');
  return (
    `${level} ${what}`
      .replaceAll(world.id, 'ID')
      .replaceAll(world.cacheDir, 'CACHE')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
      .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
      .replaceAll(/-[0-9a-f]{16}\.git/g, '-HASH.git')
      // Which of the watches is the first to notice is left to chance.
      .replace(/(Lost a watch.*: )[a-z/-]+( in namespace \S+)?: /, '$1RESOURCE: ')
  );
}

const status = (code: number, reason: string, message: string): Fault => ({
  do: 'answer',
  status: code,
  // Longer waits would be those of the clock on the wall.
  headers: code === 429 ? { 'retry-after': '0' } : {},
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code },
});

const WRITE = { method: 'PATCH', path: /\/configmaps\/changed\?/ };
const WATCH = /\/configmaps\?.*watch=true.*labelSelector/;
const LIST = /\/configmaps\?limit=.*labelSelector/;

/** Harms what fits until it is taken away. */
const api =
  (...rules: readonly FaultRule[]) =>
  ({ faults }: Stage) => {
    for (const rule of rules) faults.rules.add(rule);
    return () => faults.rules.clear();
  };

const git =
  (fits: (request: ServedRequest) => boolean, trouble: Trouble, times = 1) =>
  ({ world }: Stage) => {
    let left = times;
    return world.server.onRequest((request) => {
      if (!request.url.includes(world.id) || !fits(request) || left-- <= 0) return undefined;
      return trouble;
    });
  };

const pushing = ({ method, url }: ServedRequest) => method === 'POST' && url.endsWith('git-receive-pack');

/** The watch of the members ends in order, as it does every few minutes. */
function endWatch({ faults }: Stage): void {
  for (const watch of faults.openWatches) if (WATCH.test(watch.url)) watch.end();
}

async function edit({ cluster, namespace }: World, name: string): Promise<void> {
  const patch = JSON.stringify({ data: { by: 'hand' } });
  const { exitCode, stderr } = await cluster.kubectl([
    'patch',
    'configmap',
    name,
    '-n',
    namespace,
    '-p',
    patch,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
}

interface Case {
  /** Begins it, and gives what ends it. */
  readonly fault: (stage: Stage) => unknown;
  /** What happens meanwhile. */
  readonly meanwhile?: (stage: Stage) => unknown;
  /** For how long, in milliseconds. */
  readonly lasts?: number | ((stage: Stage) => boolean);
  /** Whether the API server is reached over TLS. */
  readonly isSecure?: boolean;
  /** Unset where there is nothing to say, since nothing went amiss. */
  readonly says?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  '409 for a write': {
    fault: api({ ...WRITE, times: 1, fault: status(409, 'Conflict', 'the object has been modified') }),
    says: 'warn Could not apply change: API_CONFLICT: configmaps/changed in namespace w-ID has changed, or is another object, since it was read.',
  },
  '410 for a watch': {
    fault: api({ path: WATCH, times: 1, fault: status(410, 'Expired', 'too old resource version') }),
    meanwhile: endWatch,
    says: 'info A watch was too far behind; all was listed again',
  },
  '429 for a write, whatever is tried': {
    fault: api({ ...WRITE, times: 4, fault: status(429, 'TooManyRequests', 'slow down') }),
    says: 'warn Could not apply change: API_UNAVAILABLE: configmaps/changed in namespace w-ID: the API server answered 429: slow down.',
  },
  '500 for a write': {
    fault: api({ ...WRITE, times: 1, fault: status(500, 'InternalError', 'etcd is not well') }),
    says: 'warn Could not apply change: API_UNAVAILABLE: configmaps/changed in namespace w-ID: the API server answered 500: etcd is not well.',
  },
  '503 for a write, whatever is tried': {
    fault: api({ ...WRITE, times: 4, fault: status(503, 'ServiceUnavailable', 'shutting down') }),
    says: 'warn Could not apply change: API_UNAVAILABLE: configmaps/changed in namespace w-ID: the API server answered 503: shutting down.',
  },
  'a connection that is cut in mid-request': {
    fault: api({ ...WRITE, times: 1, fault: { do: 'drop' } }),
    says: 'warn Could not apply change: API_UNAVAILABLE: configmaps/changed in namespace w-ID: the connection was cut.',
  },
  'a connection that is cut in mid-answer': {
    fault: api({ ...WRITE, times: 1, fault: { do: 'cut', afterBytes: 40 } }),
    says: 'warn Could not apply change: API_UNAVAILABLE: configmaps/changed in namespace w-ID: the connection was cut.',
  },
  'an answer that never ends': {
    fault: ({ faults }) => {
      faults.rules.add({ path: WATCH, times: 1, fault: { do: 'mute', afterBytes: 0 } });
      return () => faults.rules.clear();
    },
    meanwhile: endWatch,
    lasts: 3 * MINUTE,
    says: 'warn A watch did not tell of our own write; all was listed again',
  },
  'a stale list': {
    fault: async ({ world, faults }) => {
      const selector = encodeURIComponent('applyset.kubernetes.io/part-of');
      const path = `/api/v1/namespaces/${world.namespace}/configmaps?labelSelector=${selector}`;
      const old = await world.cluster.api.text('GET', path);
      await edit(world, 'kept');
      faults.rules.add({ path: LIST, times: 1, fault: { do: 'answer', status: 200, body: old } });
    },
    lasts: 12 * MINUTE,
    says: 'warn A list found changes of which no watch had told',
  },
  'an event of a watch that is told twice': {
    fault: ({ faults }) =>
      faults.rules.add({ path: WATCH, times: 1, fault: { do: 'edit', edit: (each) => [each, each] } }),
    meanwhile: endWatch,
  },
  'an event of a watch that is missing': {
    fault: ({ faults }) =>
      faults.rules.add({
        path: WATCH,
        times: 1,
        fault: { do: 'edit', edit: (each) => (each.includes('"by":"hand"') ? [] : [each]) },
      }),
    meanwhile: async (stage) => {
      endWatch(stage);
      await stage.run.pass(MINUTE);
      await edit(stage.world, 'kept');
    },
    lasts: 12 * MINUTE,
    says: 'warn A list found changes of which no watch had told',
  },
  'a token that has expired': {
    fault: api({ ...WRITE, times: 2, fault: status(401, 'Unauthorized', 'Unauthorized') }),
    says: 'warn Could not apply change: API_UNAUTHORIZED: The API server does not accept our credentials.',
  },
  'a certificate that is rotated under it': {
    fault: async ({ faults, folder }) => {
      const next = CertificateAuthority.create('Next authority');
      await writeFile(join(folder, 'authority.pem'), next.certificate);
      await faults.showCertificate(next.issue(SERVER));
    },
    isSecure: true,
    says: 'warn Lost a watch; trying again: API_UNAVAILABLE: RESOURCE: the connection was cut.',
  },
  'a clone that is damaged': {
    fault: async ({ world }) => {
      const names = await readdir(world.cacheDir, { recursive: true });
      const packs = names.filter((name) => name.endsWith('.pack'));
      await Promise.all(packs.map((name) => truncate(join(world.cacheDir, name), 40)));
    },
    says: 'warn The clone is damaged; making it anew: REPOSITORY_CACHE',
  },
  'a push that loses every race': {
    fault: ({ world }) =>
      world.server.onRequest(async (request) => {
        if (request.url.includes(world.id) && pushing(request)) await overtake(world);
        return undefined;
      }),
    lasts: ({ run }) => run.lines.some(({ code }) => code === 'STATUS_RACE'),
    says: "warn Could not write the status branch: STATUS_RACE: refs/heads/weka-gitops/status/w-ID could not be moved in 10 tries. http://HOST/storage-ID.git did not move refs/heads/weka-gitops/status/w-ID: failed to update ref: error: cannot lock ref 'refs/heads/weka-gitops/status/w-ID': is at COMMIT but expected COMMIT",
  },
  'a push whose answer is lost': {
    fault: git(pushing, { cutResponseAfter: 0 }),
    says: 'warn Could not write the status branch: REPOSITORY_UNREACHABLE: http://HOST/storage-ID.git cannot be reached: the connection was cut.',
  },
  'a clock that jumps a day ahead': {
    fault: ({ run }) => void (run.clockShiftMs += 24 * HOUR),
    says: 'warn A watch said nothing for too long; all was listed again',
  },
};

describe.concurrent('run tells in one line of', () => {
  it.each(Object.entries(CASES))(
    '%s',
    async (_what, { fault, meanwhile = () => undefined, lasts = 2 * MINUTE, isSecure = false, says }) => {
      await using stage = await atRest({ isSecure });
      const { run, world } = stage;
      const { cluster, repository, namespace } = world;
      const begun = run.lines.length;
      const end = await fault(stage);
      await meanwhile(stage);
      await repository.commit({ 'changed.yaml': configMap(namespace, 'changed', { value: 'later' }) });
      if (typeof lasts === 'number') await run.pass(lasts, { stepMs: 500 });
      else await run.passUntil('the fault is told', () => lasts(stage));
      if (typeof end === 'function') await (end as () => unknown)();
      await run.passUntil('the commit', async () => {
        const path = 'jsonpath={.data.value}';
        const args = ['get', 'configmap', 'changed', '-n', namespace, '-o', path];
        return (await cluster.kubectl(args)).stdout === 'later';
      });
      await run.passUntil('it is calm', () => run.isCalm);
      await run.pass(5 * MINUTE, { stepMs: 500 });
      const said = run.lines
        .slice(begun)
        .filter(({ level, message }) => level !== 'debug' && !ORDINARY.has(message));
      expect(said.map((each) => line(world, each))).toEqual(says === undefined ? [] : [says]);
      expect(run.isCalm).toBe(true);
    },
    120_000,
  );

  it('a name of the git server that is gone', async () => {
    await using world = await aWorldInChange(ground);
    world.url = 'http://git.invalid/storage.git';
    const faults = await startFaultServer(ground.cluster);
    const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-lines-'));
    world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
    const run = await new FaultRun(world, { faults }).start();
    await run.pass(30 * MINUTE, { stepMs: 1000 });
    await run.stop();
    await Promise.all([faults.stop(), rm(folder, { recursive: true })]);
    const said = run.lines.filter(({ level, message }) => level !== 'debug' && !ORDINARY.has(message));
    expect(said.map((each) => line(world, each))).toEqual([
      'warn Could not ask the repository: REPOSITORY_UNREACHABLE: http://git.invalid/storage.git cannot be reached: the name git.invalid is not known.',
    ]);
  }, 120_000);

  it('a disk without room for the clone', async () => {
    await using world = await aWorldInChange(ground);
    const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-lines-'));
    const config = join(folder, 'config.yaml');
    await writeFile(config, JSON.stringify({ ...world.config(), run: { listen: '127.0.0.1:0' } }));
    await rm(world.cacheDir, { recursive: true });
    // No file may be larger than 512 bytes.
    const child = spawn('/bin/sh', ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, MAIN, 'run'], {
      env: { ...process.env, ...world.environment(config) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const said: string[] = [];
    for await (const text of createInterface(child.stderr)) {
      const { msg, ...fields } = JSON.parse(text) as LogLine & { readonly msg: string };
      if (!ORDINARY.has(msg)) said.push(line(world, { ...fields, message: msg }));
      if (fields['code'] !== undefined) child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
    await rm(folder, { recursive: true });
    expect(said).toEqual([
      'warn Could not read the commit: REPOSITORY_CACHE: The clone in CACHE/storage-ID-HASH.git cannot be used: a file may not be that large.',
    ]);
  }, 120_000);
});
