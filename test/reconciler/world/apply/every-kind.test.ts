import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import { groupKind } from '../../../../reconciler/core/kube/object.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { everyKind } from './every-kind.ts';
import { passes } from './pass.ts';

const control = await sharedCluster();

describe('objects of every kind', () => {
  it('are there for every kind that may be applied', () => {
    expect(new Set(everyKind('a', 'b').map(groupKind))).toEqual(new Set(KINDS.map(groupKind)));
  });

  it('are created in one pass, and are as desired from then on', async () => {
    const pass = await passes(control);
    const objects = everyKind(pass.namespace, pass.unique);
    expect((await pass.run(objects)).filter((words) => !words.startsWith('done create'))).toEqual([]);

    const planned = await pass.plan(objects);
    expect(pass.words(planned).filter((words) => !words.startsWith('keep'))).toEqual([]);

    // What others write elsewhere in an object takes nothing from us.
    for (const { kind, metadata } of objects) {
      const where = metadata.namespace === undefined ? [] : ['-n', metadata.namespace];
      const { stderr } = await control.kubectl(['label', kind, metadata.name, 'by=hand', ...where]);
      expect(stderr).toBe('');
    }
    expect(pass.words(await pass.plan(objects)).filter((words) => !words.startsWith('keep'))).toEqual([]);
  });

  it('are unchanged for the API server as well when they are applied again', async () => {
    const pass = await passes(control);
    const objects = everyKind(pass.namespace, pass.unique);
    await pass.run(objects);
    await until('the API server finds nothing to change', async () => {
      const changes = await Promise.all(
        pass.desired(objects).map(async ({ id, object: desired }) => {
          const live = await pass.live(desired);
          return { op: 'update', id, fields: [], flags: [], desired, live, force: false } as const;
        }),
      );
      return (await pass.apply(changes)).every((words) => words.startsWith('unchanged'));
    });
  });
});
