import { describe, expect, it } from 'vitest';
import { isAppliedByUs } from '../../../../reconciler/core/plan/managed-fields.ts';
import type { Cluster } from '../../../../reconciler/ports.ts';
import { ApiError } from '../../../../reconciler/world/kubeapi/errors.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { configMap, handsOn, watched } from './in-namespace.ts';
import { passes } from './pass.ts';

const control = await sharedCluster();
const { kubectl } = handsOn(control);

describe('an object that was to be made, and that somebody else made since the plan', () => {
  it('is left as it is, whatever it holds, and is planned for anew as one of somebody else', async () => {
    const pass = await passes(control);
    const [same, other] = [configMap(pass, 'same', { x: '1' }), configMap(pass, 'other', { x: '1' })];
    const changes = await pass.plan([same, other]);
    await kubectl('create', 'configmap', 'same', '--from-literal=x=1', '-n', pass.namespace);
    await kubectl('create', 'configmap', 'other', '--from-literal=y=2', '-n', pass.namespace);

    const outcomes = await pass.apply(changes);
    expect(outcomes).toEqual([
      expect.stringMatching(/^failed API_CONFLICT create .*\/other was made by somebody else/),
      expect.stringMatching(/^failed API_CONFLICT create .*\/same was made by somebody else/),
    ]);
    for (const object of [same, other]) expect(isAppliedByUs(await pass.live(object))).toBe(false);

    const risks = (await pass.plan([same, other])).map(({ risks: all = [] }) => all.map(({ name }) => name));
    expect(risks).toEqual([['takeover'], ['takeover']]);
  });

  it('is one that we made ourselves where only the answer was lost', async () => {
    const pass = await passes(control);
    const changes = await pass.plan([configMap(pass, 'a', { x: '1' })]);
    let answers = 0;
    const lossy: Cluster = {
      ...watched(pass.cluster, () => undefined),
      apply: async (object, options) => {
        const stored = await pass.cluster.apply(object, options);
        if (answers++ === 0) throw new ApiError('API_UNAVAILABLE', 'The answer was lost.', {});
        return stored;
      },
    };
    expect(await pass.apply(changes, lossy)).toEqual([
      expect.stringMatching(/^failed API_UNAVAILABLE create/),
    ]);
    expect(await pass.apply(changes, lossy)).toEqual([expect.stringMatching(/^done create/)]);
  });
});
