import { record } from '../../kube/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Risk } from '../change.ts';
import { accountOfToken, isTakenAccount, unseenAccount } from './accounts.ts';
import { consentKey, type Deed, few, named, type RiskContext, valueAfter, valueBefore } from './deed.ts';
import { unseenVolumes, volumePath } from './host-volumes.ts';
import { ownInstallation } from './own-installation.ts';
import { gainedByPods } from './pod-privileges.ts';
import { gainedByBinding, gainedByRole } from './rights.ts';
import { gainedByWebhooks } from './webhooks.ts';

/** Rights, on nodes or in the Kubernetes API, that are new or more than before. */
export function privilege(deed: Deed, context: RiskContext): readonly Risk[] {
  return [...gained(deed, context), ...ownInstallation(deed, context)];
}

function gained(deed: Deed, context: RiskContext): readonly Risk[] {
  const { after, consent } = deed;
  if (after === undefined) return [];
  // What was consented to for many is so for each of them, and for nothing else: what is there by another consent may be of
  // another image, which gets its rights newly.
  const before = consent === undefined ? deed.before : context.consented?.get(consentKey(consent));
  switch (after.kind) {
    case 'Role':
    case 'ClusterRole':
      return role(after, before);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return binding(after, before);
    case 'Namespace':
      return weakerNamespace(deed, after);
    case 'ServiceAccount':
      // That of the installation itself has the rights that it was installed with.
      return context.own?.has(deed.id) === true ? [] : takenAccount(after, before);
    case 'Secret':
      return token(after, before);
    case 'PersistentVolume':
      return volume(after, before);
    case 'MutatingWebhookConfiguration':
    case 'ValidatingWebhookConfiguration':
      return webhooks(after, before);
    default:
      return [
        ...pods(after, before),
        ...account(after, before, context),
        ...claimedVolumes(after, before, context),
      ];
  }
}

function pods(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const gained = gainedByPods(after, before);
  if (gained.length === 0) return [];
  return [risk('Its pods may do more to their nodes', `${named(after)}: ${few(gained)}`)];
}

function account(after: KubeObject, before: KubeObject | undefined, context: RiskContext): readonly Risk[] {
  const unseen = unseenAccount(after, before, context);
  if (unseen === undefined) return [];
  const reason = 'Its pods get the rights of an account that the repository does not describe';
  return [risk(reason, `${named(after)}: ${unseen}`)];
}

function takenAccount(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  if (!isTakenAccount(after, before)) return [];
  return [risk('Pods may run as it from now on, with rights that nobody here has seen', named(after))];
}

function token(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const name = accountOfToken(after, before);
  if (name === undefined) return [];
  const reason = 'It gets a token that never ends, with all rights of its account';
  return [risk(reason, `${named(after)}: ServiceAccount ${after.metadata.namespace}/${name}`)];
}

function volume(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const path = volumePath(after, before);
  if (path === undefined) return [];
  return [risk('Whoever claims it gets a path of the node', `${named(after)}: host path ${path}`)];
}

function claimedVolumes(
  after: KubeObject,
  before: KubeObject | undefined,
  context: RiskContext,
): readonly Risk[] {
  const unseen = unseenVolumes(after, before, context);
  if (unseen.length === 0) return [];
  const reason = 'It claims what may be a path of the node, and the repository does not describe it';
  return [risk(reason, `${named(after)}: ${few(unseen, '; ')}`)];
}

function webhooks(after: KubeObject, before: KubeObject | undefined): readonly Risk[] {
  const gained = gainedByWebhooks(after, before);
  if (gained.length === 0) return [];
  const reason =
    after.kind === 'MutatingWebhookConfiguration'
      ? 'A webhook sees more of what is written, and may change it'
      : 'A webhook sees more of what is written';
  return [risk(reason, `${named(after)}: ${few(gained, '; ')}`)];
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
