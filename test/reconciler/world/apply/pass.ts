import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../../../schemas/settings.ts';
import type { DesiredObject } from '../../../../reconciler/core/desired/desired.ts';
import { normalise } from '../../../../reconciler/core/desired/normalise.ts';
import { withOwnership } from '../../../../reconciler/core/desired/ownership.ts';
import { KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import { groupKind, type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change, Outcome } from '../../../../reconciler/core/plan/change.ts';
import { plan } from '../../../../reconciler/core/plan/plan.ts';
import type { Cluster, Log } from '../../../../reconciler/ports.ts';
import { apply } from '../../../../reconciler/world/apply/apply.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { type SharedCluster, sharedCluster } from '../../../cluster/shared.ts';
import { inWords } from '../../../support/objects.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** An ApplySet of its own in a namespace of its own, for one test; what it made is removed with the test. */
export class Passes {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Begins the names of what is in no namespace. */
  readonly unique: string;
  readonly applySet: string;
  readonly #seen = new Map<string, KubeObject>();

  constructor(cluster: Cluster, namespace: string) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.unique = `t-${randomBytes(3).toString('hex')}`;
    this.applySet = `applyset-${this.unique}-v1`;
  }

  /** `objects` as they are applied. */
  desired(objects: readonly KubeObject[]): readonly DesiredObject[] {
    return objects.map((object) => ({
      id: objectId(object),
      object: withOwnership(normalise(object), this.applySet),
      source: 'objects.yaml:1',
    }));
  }

  /** What a pass for `objects` would do. */
  async plan(
    objects: readonly KubeObject[],
    settings: Partial<Settings['spec']> = {},
  ): Promise<readonly Change[]> {
    const desired = this.desired(objects);
    for (const { id, object } of desired) this.#seen.set(id, object);
    const known = [...this.#seen.values()];
    const namespaces = [...new Set(known.flatMap(({ metadata: { namespace } }) => namespace ?? []))];
    const kinds = [...new Set(known.map(groupKind))];
    const wanted = desired.map(({ object }) => object);
    const live = await this.cluster.read({ kinds, namespaces, wanted, applySet: this.applySet });
    const spec = { ...DEFAULT_SETTINGS.spec, ...settings };
    const input = {
      desired,
      live: live.objects,
      unread: live.unread,
      broken: new Map(),
      settings: spec,
      prune: { settings: { ...spec.prune, budget: { objects: 50, percent: 100 } }, alreadyPruned: 0 },
      applySet: this.applySet,
    };
    return plan(input).changes;
  }

  /** Plans and applies. */
  async run(
    objects: readonly KubeObject[],
    settings: Partial<Settings['spec']> = {},
  ): Promise<readonly string[]> {
    return this.apply(await this.plan(objects, settings));
  }

  async apply(changes: readonly Change[], cluster = this.cluster): Promise<readonly string[]> {
    return outcomesInWords(await apply(changes, cluster, { log: silent }), this.namespace);
  }

  /** A plan in words, the namespace's name left out. */
  words(changes: readonly Change[]): readonly string[] {
    return changes.map((change) => inWords(change).replaceAll(this.namespace, 'NS'));
  }

  async live(object: KubeObject): Promise<KubeObject> {
    const found = await this.cluster.get(object);
    if (found === undefined) throw new Error(`${objectId(object)} is not there.`);
    return found;
  }

  /** Removes what no namespace takes with it. */
  async clear(control: SharedCluster): Promise<void> {
    const items = [...this.#seen.values()].filter(({ metadata }) => metadata.namespace === undefined);
    if (items.length === 0) return;
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await control.kubectl(['delete', '-f', '-', '--ignore-not-found', '--wait=false'], { input });
  }
}

/** Its ceilings let it have every kind. */
const { kubeconfig } = await accountOfFile(await sharedCluster(), { kinds: KINDS.map(groupKind) });

/** Passes as an installed reconciler. */
export async function passes(control: SharedCluster): Promise<Passes> {
  const cluster = await openKubeCluster({ kubeconfig, env: process.env });
  const all = new Passes(cluster, await control.namespace());
  onTestFinished(async () => {
    await all.clear(control);
    await cluster.close();
  });
  return all;
}

export function outcomesInWords(outcomes: readonly Outcome[], namespace: string): readonly string[] {
  return outcomes.map((outcome) => {
    const { change, result } = outcome;
    const why = 'why' in outcome ? `: ${outcome.why}` : '';
    const code = outcome.result === 'failed' ? ` ${outcome.code}` : '';
    return `${result}${code} ${change.op} ${change.id}${why}`.replaceAll(namespace, 'NS');
  });
}
