import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import { groupKind, type KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { leaves } from '../../../../reconciler/core/plan/leaves.ts';
import { prove } from '../../../../reconciler/world/apply/prove.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { canonicalised } from './canonicalised.ts';
import { everyKind } from './every-kind.ts';
import { passes } from './pass.ts';

const control = await sharedCluster();

/** `live` as `kubectl get -o yaml` prints it, and as somebody may commit it; our own marks are ours to set. */
function asExported({ metadata, ...object }: KubeObject): KubeObject {
  const { managedFields: _managers, labels = {}, annotations = {}, ...rest } = metadata;
  const without = (map: Readonly<Record<string, string>>, prefix: string) =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith(prefix)));
  return {
    ...object,
    metadata: {
      ...rest,
      labels: without(labels, 'applyset.kubernetes.io/'),
      annotations: without(annotations, 'weka-gitops.dev/'),
    },
  };
}

function isOfOurRecord(words: string): boolean {
  return (
    words.startsWith('keep') || words.includes('(metadata.annotations["weka-gitops.dev/applied-fields"])')
  );
}

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

  it('are as desired with every default spelled out, as an export has them', async () => {
    const pass = await passes(control);
    const objects = everyKind(pass.namespace, pass.unique);
    await pass.run(objects);
    const exported = await Promise.all(objects.map(async (object) => asExported(await pass.live(object))));
    const before = await pass.plan(exported);
    // What was not said before is ours from now on, and nothing else of it changes.
    expect(pass.words(before).filter((words) => !isOfOurRecord(words))).toEqual([]);
    await pass.apply(before);
    expect(pass.words(await pass.plan(exported)).filter((words) => !words.startsWith('keep'))).toEqual([]);
  });

  it('are as desired where the server puts defaults, and values in its own form, in place of what was said', async () => {
    const pass = await passes(control);
    const objects = canonicalised(pass.namespace, pass.unique);
    expect((await pass.run(objects)).filter((words) => !words.startsWith('done create'))).toEqual([]);
    expect(pass.words(await pass.plan(objects)).filter((words) => !words.startsWith('keep'))).toEqual([]);
    // Much of it is stored otherwise, or this would prove nothing.
    const otherwise = await Promise.all(
      pass.desired(objects).map(async ({ object }) => {
        const stored = new Map(leaves(await pass.live(object)).map(({ text, value }) => [text, value]));
        return leaves(object).filter(({ text, value }) => !isDeepStrictEqual(stored.get(text), value));
      }),
    );
    expect(otherwise.flat().length).toBeGreaterThan(150);
  });

  it('get nothing but the defaults of Kubernetes where no admission adds to them', async () => {
    const pass = await passes(control);
    const objects = [
      ...everyKind(pass.namespace, pass.unique),
      ...canonicalised(pass.namespace, pass.unique),
    ];
    const plain = objects.filter(({ kind }) => kind !== 'Pod');
    const proven = await prove(await pass.plan(plain), pass.cluster);
    expect(proven.filter(({ op }) => op !== 'create')).toEqual([]);
    const added = proven.flatMap(({ id, adds = [] }) => adds.map(({ path, to }) => [id, path, to]));
    expect(added).toEqual([]);
    const filled = proven.reduce((sum, { defaults = 0 }) => sum + defaults, 0);
    expect(filled).toBeGreaterThan(200);
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
