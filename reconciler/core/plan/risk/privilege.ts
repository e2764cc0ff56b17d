import { record } from '../../kube/json.ts';
import { type KubeObject, objectId } from '../../kube/object.ts';
import { podSpec } from '../../kube/references.ts';
import type { Risk } from '../change.ts';
import { type Deed, few, named, type RiskContext, valueAfter, valueBefore } from './deed.ts';
import { gainedByPods } from './pod-privileges.ts';
import { gainedByBinding, gainedByRole } from './rights.ts';

/** Rights, on nodes or in the Kubernetes API, that are new or more than before. */
export function privilege(deed: Deed, context: RiskContext): readonly Risk[] {
  const { before, after } = deed;
  if (after === undefined) return [];
  switch (after.kind) {
    case 'Role':
    case 'ClusterRole':
      return role(after, before);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return binding(after, before);
    case 'Namespace':
      return weakerNamespace(deed, after);
    default:
      return [...pods(after, before), ...account(after, before, context)];
  }
}

function pods(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const gained = gainedByPods(after, before);
  if (gained.length === 0) return [];
  return [risk('Its pods may do more to their nodes', `${named(after)}: ${few(gained)}`)];
}

/**
 * A service account that pods get and that the repository does not describe, so nobody here has seen what it may do. The rights
 * of those that it does describe are shown where they are bound, and a token without any opens nothing.
 */
function account(after: KubeObject, before: KubeObject | undefined, { asked }: RiskContext): readonly Risk[] {
  const name = accountOf(after);
  const { namespace } = after.metadata;
  if (name === undefined || namespace === undefined || (before && accountOf(before) === name)) return [];
  const metadata = { name, namespace };
  if (asked.has(objectId({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }))) return [];
  const evidence = `${named(after)}: ServiceAccount ${namespace}/${name}`;
  return [risk('Its pods get the rights of an account that the repository does not describe', evidence)];
}

/** The account whose token pods get; undefined for the default one, which has no rights by itself. */
function accountOf(object: KubeObject): string | undefined {
  const pod = record(podSpec(object));
  const name = pod['serviceAccountName'];
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  return pod['automountServiceAccountToken'] === false ? undefined : name;
}

function role(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const gains = gainedByRole(after, before);
  if (gains.length === 0) return [];
  const reason = gains.some(({ leadsOn }) => leadsOn)
    ? 'It allows more in the Kubernetes API, and some of it leads to secrets or further rights'
    : 'It allows more in the Kubernetes API';
  const words = gains.map((gain) => gain.words);
  return [risk(reason, `${named(after)}: ${few(words, '; ')}`)];
}

function binding(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const subjects = gainedByBinding(after, before);
  if (subjects.length === 0) return [];
  const ref = record(after['roleRef']);
  const { namespace } = after.metadata;
  const where = namespace === undefined ? 'in every namespace' : `in namespace ${namespace}`;
  const evidence = `${few(subjects)}: ${String(ref['kind'])} ${String(ref['name'])} ${where}`;
  return [risk('Rights are given to who did not have them by this binding', evidence)];
}

const ENFORCE = 'pod-security.kubernetes.io/enforce';
/** Levels of Pod Security, the weakest first; a namespace without one has the first, unless its cluster says otherwise. */
const LEVELS = ['privileged', 'baseline', 'restricted'];

function weakerNamespace(deed: Deed, after: KubeObject): readonly Risk[] {
  if (deed.before === undefined) return [];
  const level = (labels: unknown) => {
    const text = record(labels)[ENFORCE];
    return typeof text === 'string' ? text : 'privileged';
  };
  const had = level(valueBefore(deed, 'metadata.labels'));
  const removed = deed.fields.some(({ path, to }) => path.includes(ENFORCE) && to === undefined);
  const set = record(valueAfter(deed, 'metadata.labels'))[ENFORCE];
  const gets = typeof set === 'string' ? set : removed ? 'privileged' : had;
  if (LEVELS.indexOf(gets) >= LEVELS.indexOf(had)) return [];
  return [risk('Its pods may ask for more', `${named(after)}: Pod Security ${had} becomes ${gets}`)];
}

function risk(reason: string, evidence: string): Risk {
  return { name: 'privilege', reason, evidence };
}
