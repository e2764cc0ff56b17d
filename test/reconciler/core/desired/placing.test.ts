import { describe, expect, it, onTestFinished } from 'vitest';
import { normalise } from '../../../../reconciler/core/desired/normalise.ts';
import { type NodeChoice, podAffinity } from '../../../../reconciler/core/desired/node-affinity.ts';
import { helperTolerations } from '../../../../reconciler/core/desired/tolerations.ts';
import type { NodeSpec } from '../../../cluster/nodes.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { anObject, podSpec } from '../../../support/objects.ts';

const control = await sharedCluster();

/** The node that the real scheduler puts a pod on; undefined where it finds none. */
async function placed(namespace: string, pod: object): Promise<string | undefined> {
  const object = normalise(
    anObject('v1/Pod', `p-${crypto.randomUUID()}`, { metadata: { namespace }, spec: podSpec({ ...pod }) }),
  );
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await control.api.json('POST', path, object);
  interface Seen {
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }
  const seen = await until('the scheduler has decided', async () => {
    const found = await control.api.json<Seen>('GET', `${path}/${object.metadata.name}`);
    return found.status.conditions?.some(({ type }) => type === 'PodScheduled') ? found : undefined;
  });
  return seen.spec.nodeName;
}

describe('where pods go', () => {
  const unique = `t-${crypto.randomUUID().slice(0, 8)}`;
  const labels = { 'example.com/placing': unique };

  async function nodes(...specs: readonly NodeSpec[]): Promise<void> {
    await control.addNodes(specs);
    onTestFinished(async () => {
      await control.kubectl(['delete', 'node', ...specs.map(({ name }) => name)]);
    });
  }

  it('is a node with the labels, and the one that is named', async () => {
    const namespace = await control.namespace();
    await nodes({ name: `${unique}-a`, labels }, { name: `${unique}-b`, labels });
    const on = (choice: NodeChoice) => placed(namespace, { affinity: podAffinity(choice) });
    expect(await on({ nodeSelector: labels, nodeAffinity: `${unique}-b` })).toBe(`${unique}-b`);
    expect([`${unique}-a`, `${unique}-b`]).toContain(await on({ nodeSelector: labels }));
    expect(await on({ nodeSelector: { ...labels, other: 'x' } })).toBeUndefined();
  });

  it('is also what the manifest itself asks for, in each of its alternatives', async () => {
    const namespace = await control.namespace();
    const zone = (value: string) => ({ ...labels, zone: value });
    await nodes({ name: `${unique}-1`, labels: zone('1') }, { name: `${unique}-2`, labels: zone('2') });
    const inZones = (...zones: string[]) => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: zones.map((value) => ({
            matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }],
          })),
        },
      },
    });
    const on = (choice: NodeChoice) => placed(namespace, { affinity: podAffinity(choice) });
    expect(await on({ nodeSelector: labels, affinity: inZones('2') })).toBe(`${unique}-2`);
    expect(await on({ nodeAffinity: `${unique}-1`, affinity: inZones('2', '1') })).toBe(`${unique}-1`);
    expect(await on({ nodeAffinity: `${unique}-1`, affinity: inZones('2', '3') })).toBeUndefined();
  });

  it('is no node where its only alternative is empty, which means none, and another one where there is that too', async () => {
    const namespace = await control.namespace();
    const name = `${unique}-empty`;
    await nodes({ name, labels });
    const inTerms = (...nodeSelectorTerms: object[]) => ({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    });
    const on = (...terms: object[]) =>
      placed(namespace, {
        affinity: podAffinity({ nodeSelector: labels, nodeAffinity: name, affinity: inTerms(...terms) }),
      });
    expect(await on({})).toBeUndefined();
    expect(await on({}, { matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] })).toBe(
      name,
    );
  });

  it('is also a node that keeps others away, for a helper of WEKA', async () => {
    const namespace = await control.namespace();
    const name = `${unique}-tainted`;
    const taints = [
      { key: 'dedicated', value: 'weka', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' },
    ];
    await nodes({ name, labels, taints });
    const affinity = podAffinity({ nodeSelector: labels, nodeAffinity: name });
    expect(await placed(namespace, { affinity })).toBeUndefined();
    expect(await placed(namespace, { affinity, tolerations: helperTolerations() })).toBe(name);
  });

  it("is no node with a stranger's order to leave", () => {
    const noExecute = helperTolerations().filter(({ effect }) => effect === 'NoExecute');
    expect(noExecute.map(({ key }) => key)).toEqual([
      'weka.io/shutdown-node',
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/network-unavailable',
      'node.kubernetes.io/unschedulable',
    ]);
    expect(
      helperTolerations().filter(({ key, effect }) => key === undefined && effect === undefined),
    ).toEqual([]);
  });
});
