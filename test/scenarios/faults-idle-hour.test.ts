import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { AuditEvent } from '../cluster/cluster.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { until } from '../cluster/until.ts';
import { aWorldInChange } from '../support/crash-disturbed.ts';
import { FaultRun } from '../support/fault-run.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { prepareGround } from '../support/crash-trial.ts';

const MINUTE = 60_000;

it('an hour in which nothing changes costs lease renewals, the belt’s lists and the watches’ renewals', async () => {
  const control = await startControlPlane({ scheduler: false, auditLog: true });
  onTestFinished(() => control.stop());
  const ground = await prepareGround(control);
  onTestFinished(() => ground.server.stop());
  const faults = await startFaultServer(control);
  onTestFinished(() => faults.stop());
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-hour-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const world = await aWorldInChange(ground);
  onTestFinished(() => world[Symbol.asyncDispose]());
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);

  // Chance is a half, so that what is spread out comes at known times.
  const run = await new FaultRun(world, { faults, random: () => 0.5 }).start();
  onTestFinished(() => run.stop());
  await run.passUntil('it is calm', () => run.isCalm);
  await run.pass(5 * MINUTE);

  /** Calls of our account that the API server has noted. */
  const noted = async () => {
    const marker = `/api/v1/namespaces/${world.systemNamespace}?marker=${performance.now()}`;
    await control.api.json('GET', marker);
    return await until('the audit log is written', async () => {
      const log = await control.auditLog();
      return (
        log.some(({ requestURI }) => requestURI === marker) &&
        log.filter(({ user }) => user.username.includes(`:${world.systemNamespace}:`))
      );
    });
  };
  const before = await noted();
  const begun = { git: run.gitCalls.length, ...run.cluster.state().counts };
  await run.pass(60 * MINUTE);
  const hour = (await noted()).slice(before.length);

  expect(countsOf(hour)).toEqual({
    'update leases': 720,
    // Five lists of ConfigMaps: the members, the three that are remembered by name, and what agents of nodes report.
    'list configmaps': 30,
    'list namespaces': 6,
    'list pods': 6,
    'list services': 6,
    'watch configmaps': 60,
    'watch namespaces': 12,
    'watch pods': 12,
    'watch services': 12,
  });
  expect(run.gitCalls.slice(begun.git).map(({ what }) => what)).toEqual(Array(60).fill('tip'));
  expect(run.cluster.state().counts.lists).toEqual({ ...begun.lists, belt: begun.lists.belt + 48 });
  expect(run.cluster.state().counts.found).toBe(begun.found);
  expect(run.warnings).toEqual([]);
  const rows = Object.entries(countsOf(hour)).map(([row, count]) => `${`${count}`.padStart(6)}  ${row}`);
  console.log(`The API server's audit log of an idle hour:\n${rows.join('\n')}`);
}, 600_000);

/** How often each verb was used on each resource. A watch is noted when it begins and when it ends. */
function countsOf(events: readonly AuditEvent[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const event of events) {
    const { verb, objectRef, stage } = event as AuditEvent & { readonly stage: string };
    if (verb === 'watch' && stage !== 'ResponseStarted') continue;
    const row = `${verb} ${objectRef?.resource}`;
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
