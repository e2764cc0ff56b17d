import { type BuildContext, buildDesired } from '../../../../reconciler/core/desired/build.ts';
import { withPlaces } from '../../../../reconciler/core/desired/place-pods.ts';
import type { Situation } from '../../../../reconciler/core/explain/situation.ts';
import type { NodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import { type PodFacts, podFacts } from '../../../../reconciler/core/facts/pod-facts.ts';
import { ModelCluster } from '../../../../reconciler/core/forecast/model.ts';
import { record } from '../../../../reconciler/core/kube/json.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { NodeTerm } from '../../../../reconciler/core/placement/node-terms.ts';
import { plan } from '../../../../reconciler/core/plan/plan.ts';
import { parseSpecs } from '../../../../reconciler/core/spec/parse.ts';
import { DEFAULT_SETTINGS } from '../../../../schemas/settings.ts';
import { nodes } from '../placement/build-placement.ts';
import { anAssessment } from '../report/samples.ts';

const CONTEXT: BuildContext = { applySet: 'applyset-x-v1', image: 'example.com/weka-gitops:1' };

export interface Around {
  readonly live?: ReadonlyMap<ObjectId, KubeObject>;
  readonly nodes?: readonly NodeFacts[];
  readonly pods?: readonly PodFacts[];
  readonly volumes?: ReadonlyMap<ObjectId, readonly NodeTerm[]>;
}

/** What these manifests ask for and what the plan makes of it, beside what there is. */
export function aSituation(
  files: Readonly<Record<string, string>>,
  { live = new Map(), pods = [], volumes = new Map(), ...around }: Around = {},
): Situation {
  const specs = parseSpecs(
    Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })),
    { kinds: [], systemNamespace: 'system' },
  );
  const built = buildDesired(specs, CONTEXT);
  const facts = { nodes: around.nodes ?? nodes(3), pods, namespaces: new Map() };
  const desired = withPlaces(built.objects, live, { facts, volumes }, CONTEXT);
  const settings = DEFAULT_SETTINGS.spec;
  const { changes } = plan({
    desired,
    live,
    unread: [],
    broken: built.broken,
    settings,
    prune: { settings: settings.prune, alreadyPruned: 0 },
    applySet: CONTEXT.applySet,
  });
  return { assessment: anAssessment({ changes }), specs, built, desired, live, context: CONTEXT };
}

/** What the cluster has after the plan was carried out, with pods on `node` where one is named. */
export function carriedOut(
  { assessment, live }: Situation,
  node?: string,
): ReadonlyMap<ObjectId, KubeObject> {
  const cluster = new ModelCluster(live);
  for (const change of assessment.changes) if (change.op === 'create') cluster.apply(change);
  if (node === undefined) return cluster.objects;
  return new Map(
    [...cluster.objects].map(([id, object]) => [
      id,
      object.kind === 'Pod' ? { ...object, spec: { ...record(object['spec']), nodeName: node } } : object,
    ]),
  );
}

/** The pods among them, as placement sees them. */
export function podsIn(live: ReadonlyMap<ObjectId, KubeObject>): readonly PodFacts[] {
  return [...live.values()].filter(({ kind }) => kind === 'Pod').map((pod) => podFacts({ ...pod }));
}
