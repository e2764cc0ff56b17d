import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { type FaultServer, startFaultServer } from '../../../support/fault-server.ts';
import { folder } from '../kubeapi/fixture.ts';
import { userName } from '../../../../reconciler/install/account.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { shareOwnRights } from '../../../support/installed-account.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);
const PROGRAM = fileURLToPath(new URL('./instance-process.ts', import.meta.url));
/** How long the lease of these processes lasts at most for one that waits: four thirds of what the record says. */
const PATIENCE_MS = 2_000 * (4 / 3);

interface Instance {
  readonly process: ChildProcess;
  /** Lines that it said. */
  readonly said: readonly string[];
  says(line: string): Promise<void>;
  /** Asks it to write a ConfigMap of this name. */
  write(name: string): void;
}

async function anInstance(server: FaultServer, namespace: string, identity: string): Promise<Instance> {
  const path = await folder();
  const args = [PROGRAM, await server.kubeconfig(path('config'), account), namespace, identity];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const says = async (line: string) => {
    await until(`${identity} says ${line}, not only ${said.join(', ')}`, () => said.includes(line), {
      timeoutMs: 20_000,
      everyMs: 5,
    });
  };
  await says('started');
  return { process: child, said, says, write: (name) => void child.stdin.write(`${name}\n`) };
}

async function aServer(): Promise<FaultServer> {
  const server = await startFaultServer(control);
  onTestFinished(() => server.stop());
  return server;
}

/** A namespace where the instances may use their lease and write. */
async function aPlace(): Promise<string> {
  const namespace = await control.namespace();
  await shareOwnRights(control, { name: 'weka-gitops', namespace }, userName(account));
  return namespace;
}

/** The ConfigMaps that an instance asked the API server to write. */
function writesOf(server: FaultServer, identity: string): readonly string[] {
  return server.requests
    .filter(({ method, headers }) => method === 'PATCH' && headers['user-agent'] === identity)
    .map(({ url }) => /configmaps\/([^?]+)/.exec(url)?.[1] ?? url);
}

it('an instance that was stopped and wakes up late writes nothing, while another one works', async () => {
  const [server, namespace] = [await aServer(), await aPlace()];
  const slow = await anInstance(server, namespace, 'slow');
  await slow.says('held');
  slow.write('before');
  await slow.says('wrote before');
  const other = await anInstance(server, namespace, 'other');

  slow.process.kill('SIGSTOP');
  slow.write('asleep');
  await other.says('held');
  other.write('meanwhile');
  await other.says('wrote meanwhile');
  slow.process.kill('SIGCONT');
  await slow.says('refused asleep LEASE_LOST');
  await slow.says('lost');
  slow.write('later');
  await slow.says('refused later LEASE_LOST');
  other.write('after');
  await other.says('wrote after');

  expect(writesOf(server, 'slow')).toEqual(['before']);
  expect(writesOf(server, 'other')).toEqual(['meanwhile', 'after']);
  expect(other.said).not.toContain('lost');
});

it('an instance that is killed is followed by another one once its lease has run out', async () => {
  const [server, namespace] = [await aServer(), await aPlace()];
  const first = await anInstance(server, namespace, 'first');
  await first.says('held');
  const second = await anInstance(server, namespace, 'second');
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  const killedAt = performance.now();
  await second.says('held');

  const lastWrite = server.requests.findLast(
    ({ method, headers }) => method !== 'GET' && headers['user-agent'] === 'first-lease',
  );
  const taken = server.requests.find(
    ({ method, headers }) => method === 'PUT' && headers['user-agent'] === 'second-lease',
  );
  expect(taken!.at - lastWrite!.at).toBeGreaterThanOrEqual(2_000);
  expect(taken!.at - killedAt).toBeLessThan(2 * PATIENCE_MS);
  second.write('mine');
  await second.says('wrote mine');
});

it('an instance that ends is followed by another one at once', async () => {
  const [server, namespace] = [await aServer(), await aPlace()];
  const first = await anInstance(server, namespace, 'first');
  await first.says('held');
  const second = await anInstance(server, namespace, 'second');
  await until('the second one waits', () =>
    server.requests.some(({ headers }) => headers['user-agent'] === 'second-lease'),
  );
  first.process.stdin!.end();
  const [code] = (await once(first.process, 'exit')) as [number];
  expect(code).toBe(0);
  await second.says('held');

  const puts = server.requests.filter(({ method }) => method === 'PUT');
  const taken = puts.find(({ headers }) => headers['user-agent'] === 'second-lease');
  const released = puts.findLast(({ headers }) => headers['user-agent'] === 'first-lease');
  expect(taken!.at - released!.at).toBeLessThan(PATIENCE_MS / 2);
});
