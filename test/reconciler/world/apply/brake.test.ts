import { describe, expect, it } from 'vitest';
import type { Brake } from '../../../../reconciler/core/plan/brake.ts';
import { ApiError } from '../../../../reconciler/world/kubeapi/errors.ts';
import { apply } from '../../../../reconciler/world/apply/apply.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { configMap, watched } from './in-namespace.ts';
import { outcomesInWords, passes, silent } from './pass.ts';

const control = await sharedCluster();
const SUSPENDED: Brake = { state: 'suspended', reason: 'power work' };

describe('a brake that is pulled while objects are written', () => {
  it('keeps every write that was not begun', async () => {
    const pass = await passes(control);
    const changes = await pass.plan(['a', 'b', 'c', 'd'].map((name) => configMap(pass, name)));
    let brake: Brake | undefined;
    const cluster = watched(pass.cluster, () => void (brake = SUSPENDED));
    const outcomes = await apply(changes, cluster, {
      log: silent,
      concurrency: 1,
      brake: () => Promise.resolve(brake),
    });
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'held', 'held', 'held']);
    expect(outcomesInWords(outcomes, pass.namespace).at(-1)).toContain('power work');
  });

  it('is never answered from memory where data may be let go', async () => {
    const pass = await passes(control);
    const object = configMap(pass, 'a', { x: '1' });
    await pass.run([object]);
    const [update] = await pass.plan([configMap(pass, 'a', { x: '2' })]);
    const risks = [{ name: 'data-loss', reason: 'Something goes' } as const];
    const asked: string[] = [];
    const outcomes = await apply([{ ...update!, risks }], pass.cluster, {
      log: silent,
      brake: (how) => {
        asked.push(how);
        return Promise.resolve({ state: 'frozen', reason: 'audit' });
      },
    });
    expect(asked).toEqual(['afresh']);
    expect(outcomes.map(({ result }) => result)).toEqual(['held']);
    expect((await pass.live(object))['data']).toEqual({ x: '1' });
  });
});

describe('an API server that asks to be left alone', () => {
  it('is sent no other write', async () => {
    const pass = await passes(control);
    const changes = await pass.plan(['a', 'b', 'c'].map((name) => configMap(pass, name)));
    let writes = 0;
    const cluster = watched(pass.cluster, () => {
      writes += 1;
      throw new ApiError('API_UNAVAILABLE', 'It is busy.', { status: 429, retryAfterMs: 60_000 });
    });
    const outcomes = await apply(changes, cluster, { log: silent, concurrency: 1 });
    expect(outcomes.map(({ result }) => result)).toEqual(['failed', 'held', 'held']);
    expect(writes).toBe(1);
  });
});
