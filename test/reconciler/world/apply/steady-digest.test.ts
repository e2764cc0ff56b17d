import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { RISK_NAMES } from '../../../../schemas/risk.ts';
import { requestFor } from '../../../../reconciler/core/plan/approvals/request.ts';
import { isWrite } from '../../../../reconciler/core/plan/change.ts';
import { planDigest } from '../../../../reconciler/core/plan/digest.ts';
import { prove } from '../../../../reconciler/world/apply/prove.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { everyKind } from './every-kind.ts';
import { handsOn } from './in-namespace.ts';
import { passes, type Passes } from './pass.ts';

const control = await sharedCluster();
const { kubectl } = handsOn(control);

/** Objects of every kind as somebody else has made them. */
async function madeByHand(pass: Passes) {
  const objects = everyKind(pass.namespace, pass.unique);
  const folder = await mkdtemp(join(tmpdir(), 'by-hand-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'objects.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await kubectl('create', '-f', file);
  return objects;
}

/** The digests of the plan that takes `objects` over, and of the consent to each of its writes. */
async function digests(pass: Passes, objects: Awaited<ReturnType<typeof madeByHand>>) {
  const changes = await pass.plan(objects, { conflicts: 'force' });
  const requests = changes.filter(isWrite).map((write) => requestFor(write, RISK_NAMES, 'production').digest);
  return { changes, digests: [planDigest(changes), ...requests] };
}

it('digests stay as they are from pass to pass, proved or not, while nobody changes the cluster', async () => {
  const pass = await passes(control);
  const objects = await madeByHand(pass);
  let last: readonly string[] = [];
  await until('the controllers have come to rest', async () => {
    const before = last;
    ({ digests: last } = await digests(pass, objects));
    return before.join() === last.join();
  });
  for (let again = 0; again < 3; again++) {
    const { changes, digests: now } = await digests(pass, objects);
    expect(now).toEqual(last);
    expect(
      changes.filter(({ risks = [] }) => risks.some(({ name }) => name === 'takeover')).length,
    ).toBeGreaterThan(10);
    const proved = await prove(changes, pass.cluster);
    // What the server refuses, or finds to be there, is another plan.
    const same = proved.filter((change, index) => change.op === changes[index]?.op);
    const ids = new Set(same.map(({ id }) => id));
    expect(same.length).toBeGreaterThan(10);
    expect(planDigest(same)).toBe(planDigest(changes.filter(({ id }) => ids.has(id))));
  }
});
