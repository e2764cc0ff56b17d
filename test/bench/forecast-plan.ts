/** Forecasts the first apply of 1,000 objects in ten stages, with consent to be given, again and again, and prints the CPU of each. */
import { DEFAULT_SETTINGS } from '../../schemas/settings.ts';
import { applySetId, withOwnership } from '../../reconciler/core/desired/ownership.ts';
import { forecast } from '../../reconciler/core/forecast/forecast.ts';
import { type KubeObject, objectId } from '../../reconciler/core/kube/object.ts';
import { ApprovalBook } from '../../reconciler/core/plan/approvals/book.ts';
import { targetOf } from '../../reconciler/core/plan/approvals/request.ts';
import { approvalRules } from '../../reconciler/core/plan/approvals/rules.ts';
import { decide, type DecideInput } from '../../reconciler/core/plan/decide.ts';

const COUNT = 1_000;
const STAGES = 10;
const RUNS = 5;

/** Objects that each need the one before them, so that every tenth of them is a stage. */
function chain(index: number): KubeObject {
  const stage = Math.floor(index / (COUNT / STAGES));
  const name = `m-${index}`;
  const metadata = { name, namespace: 'weka' };
  const before = `m-${index - COUNT / STAGES}`;
  if (stage === 0) return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  if (stage === 1)
    return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { a: 'b' } };
  if (stage === 2)
    return { apiVersion: 'v1', kind: 'ServiceAccount', metadata, imagePullSecrets: [{ name: before }] };
  if (stage === 3) return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' } };
  if (stage === 4)
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
  if (stage === 5)
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [{ port: 80 }], selector: { app: name } },
    };
  const labels = { app: name };
  const privileged = stage === STAGES - 1;
  const pod = {
    containers: [
      { name: 'main', image: 'busybox:1', ...(privileged ? { securityContext: { privileged } } : {}) },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `m-${(index % 100) + 400}` } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}

const set = { name: 'weka-gitops', namespace: 'weka-gitops-system' };
const applySet = applySetId(set);
const now = new Date('2026-01-01T00:00:00Z');

function input(): DecideInput {
  const { spec } = DEFAULT_SETTINGS;
  return {
    desired: Array.from({ length: COUNT }, (_, index) => {
      const object = chain(index);
      return { id: objectId(object), object: withOwnership(object, applySet), source: `m-${index}.yaml:1` };
    }),
    live: new Map(),
    unread: [],
    broken: new Map(),
    settings: spec,
    applySet,
    prune: { settings: spec.prune, alreadyPruned: 0 },
    book: new ApprovalBook([], {
      rules: approvalRules(spec.approvals),
      uses: [],
      now,
      cluster: 'bench',
    }),
    set: targetOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: set }),
    author: 'bench',
    brake: undefined,
  };
}

const times = Array.from({ length: RUNS }, () => {
  const given = input();
  const { changes } = decide(given);
  const before = process.cpuUsage();
  const { passes, settled, left, unlocks } = forecast(given, changes);
  const { user, system } = process.cpuUsage(before);
  // What sees no end, or no writes, is fast for the wrong reason.
  const writes = passes.flatMap(({ stages }) => stages.flat()).length;
  if (!settled || writes + left.length !== COUNT || unlocks.length === 0)
    throw new Error(`The forecast has ${writes} writes and leaves ${left.length}.`);
  return (user + system) / 1e6;
});
process.stdout.write(JSON.stringify(times));
