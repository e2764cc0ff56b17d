import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { bundleEntry, RUNTIME, runtimeEnv } from '../../../scripts/bundle.ts';
import type { Bed } from '../bed.ts';
import { processUsage, type ProcessUsage } from '../process-usage.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';
import type { Listening } from '../webhook-server.ts';

const SECRET = 'It is a secret to everybody';
const REPOSITORY = 'acme/storage';
const PER_SECOND = 1_000;
const SECONDS = 10;
const TICK_MS = 10;
/** As large as what GitHub sends of a push. */
const FILL = 'x'.repeat(10_000);

/** What a flood of deliveries costs, all of them rightly signed, which is dearer than others are. */
export async function webhookFigures({ folder }: Pick<Bed, 'folder'>): Promise<readonly Row[]> {
  const entry = join(import.meta.dirname, '../webhook-server.ts');
  const { file } = await bundleEntry('webhook-server', entry, join(folder, 'webhook-server'));
  const child = spawn(process.execPath, [...RUNTIME.flags, file, SECRET, REPOSITORY], {
    env: { ...runtimeEnv(file), PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // It may not outlive the bench, whatever ends that.
  process.once('exit', () => child.kill('SIGKILL'));
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { port } = JSON.parse(line) as Listening;
    // Code is warm by then.
    await flood(port, 200, 2);
    const before = usageOf(child);
    const statuses = await flood(port, PER_SECOND, SECONDS);
    const after = usageOf(child);
    const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    const heard = statuses.get(202) ?? 0;
    progress(`${sent} deliveries, ${heard} of them heard`, SECONDS, after.cpuSeconds - before.cpuSeconds);
    if (
      statuses.get(202) === undefined ||
      statuses.get(429) === undefined ||
      sent < PER_SECOND * SECONDS * 0.9
    ) {
      throw new Error(`It was no flood: ${JSON.stringify([...statuses])}.`);
    }
    const name = 'webhook flood, 1,000 a second';
    const note = `${heard} of ${sent} heard, the others turned away`;
    return [
      rowOf({
        name: `${name}: memory`,
        unit: 'MiB',
        values: [after.peakMiB - before.nowMiB],
        goal: { atMost: 32 },
        note: 'beyond what it takes at rest',
      }),
      rowOf({
        name: `${name}: CPU`,
        unit: 's',
        values: [(after.cpuSeconds - before.cpuSeconds) / SECONDS],
        note: `of each second; ${note}`,
      }),
    ];
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

function usageOf({ pid }: ChildProcess): ProcessUsage {
  const used = pid === undefined ? undefined : processUsage(pid);
  if (used === undefined) throw new Error('What hears the webhook has ended.');
  return used;
}

/** Sends so many a second, whether or not those before were answered, and counts what was answered. */
async function flood(port: number, perSecond: number, seconds: number): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const started = performance.now();
  const all: Promise<void>[] = [];
  for (let sent = 0; sent < perSecond * seconds;) {
    const due = Math.min(perSecond * seconds, ((performance.now() - started) / 1000) * perSecond);
    for (; sent < due; sent++) {
      all.push(
        deliver(agent, port, sent).then(
          (status) => void statuses.set(status, (statuses.get(status) ?? 0) + 1),
        ),
      );
    }
    await delay(TICK_MS);
  }
  await Promise.all(all);
  agent.destroy();
  return statuses;
}

/** 0 where no answer came. */
async function deliver(agent: Agent, port: number, n: number): Promise<number> {
  const repository = { full_name: REPOSITORY };
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after: `${port}-${n}`,
    at: Date.now(),
    repository,
    FILL,
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-github-event': 'push',
    'x-github-delivery': `${process.pid}-${performance.now()}-${n}`.replaceAll('.', '-'),
    'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  };
  const { promise, resolve } = Promise.withResolvers<number>();
  request({ host: '127.0.0.1', port, path: '/webhook', method: 'POST', agent, headers }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
  })
    .once('error', () => resolve(0))
    .end(body);
  return await promise;
}
