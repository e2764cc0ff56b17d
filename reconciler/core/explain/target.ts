import { SPEC_KINDS } from '../../../schemas/spec.ts';
import { KINDS } from '../kube/kinds.ts';
import { groupOf, type KubeObject, type ObjectId, parseObjectId } from '../kube/object.ts';
import { nearest } from '../spec/nearest.ts';

/** What somebody asks about. */
export type Target =
  | { readonly kind: 'node' | 'drive'; readonly name: string }
  /** A version, a kernel, both, or a code; all drivers where unset. */
  | { readonly kind: 'drivers'; readonly name: string | undefined }
  | {
      readonly kind: 'object';
      /** Kinds that the word may mean: several where groups have one of the same name. */
      readonly kinds: readonly TargetKind[];
      readonly namespace: string | undefined;
      readonly name: string;
    };

/** A kind of Kubernetes, of WEKA or of ours. */
export interface TargetKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What there is instead of an answer, and what to ask for. */
export interface NotFound {
  readonly message: string;
  readonly hint: string;
}

const NODES = ['node', 'nodes', 'no'];
const DRIVES = ['drive', 'drives'];
const DRIVERS = ['driver', 'drivers'];

/** The short names that kubectl has. */
const SHORT: Readonly<Record<string, string>> = {
  cm: 'ConfigMap',
  cj: 'CronJob',
  deploy: 'Deployment',
  ds: 'DaemonSet',
  ing: 'Ingress',
  netpol: 'NetworkPolicy',
  ns: 'Namespace',
  pc: 'PriorityClass',
  pdb: 'PodDisruptionBudget',
  po: 'Pod',
  pv: 'PersistentVolume',
  pvc: 'PersistentVolumeClaim',
  sa: 'ServiceAccount',
  sc: 'StorageClass',
  sts: 'StatefulSet',
  svc: 'Service',
};

/**
 * `deployment/monitoring/exporter`, `apps/v1/Deployment/monitoring/exporter`, `namespace/weka`, `node/hall-1-a`,
 * `drive/SERIAL`, `drivers`, `drivers/VERSION`. Kinds go by their name, plural or short name, in small letters or not, with their group where wanted.
 */
export function parseTarget(text: string): Target | NotFound {
  const parts = text.split('/');
  const [word = '', second = ''] = parts;
  if (NODES.includes(word.toLowerCase())) return named('node', parts, text);
  if (DRIVES.includes(word.toLowerCase())) return named('drive', parts, text);
  if (DRIVERS.includes(word.toLowerCase())) {
    const name = parts.slice(1).join('/');
    return { kind: 'drivers', name: name === '' ? undefined : name };
  }
  const isKind = kindsNamed(word).length > 0;
  const versioned = isKind ? 0 : /^v\d/.test(word) ? 1 : /^v\d+(?:(?:alpha|beta)\d+)?$/.test(second) ? 2 : 0;
  const [kindWord = '', ...rest] = parts.slice(versioned);
  const apiVersion = parts.slice(0, versioned).join('/');
  const kinds = kindsNamed(kindWord).filter((each) => versioned === 0 || each.apiVersion === apiVersion);
  if (kinds.length === 0) return noKind(kindWord, apiVersion, rest);
  const [first = '', last] = rest;
  if (first === '' || last === '' || rest.length > 2) return notThisShape(text);
  return {
    kind: 'object',
    kinds,
    namespace: last === undefined ? undefined : first,
    name: last ?? first,
  };
}

function named(kind: 'node' | 'drive', [, ...rest]: readonly string[], text: string): Target | NotFound {
  // Serials hold no slash, and the id of a device may.
  const name = rest.join('/');
  return name === '' || (kind === 'node' && rest.length > 1) ? notThisShape(text) : { kind, name };
}

function notThisShape(text: string): NotFound {
  return {
    message: `${JSON.stringify(text)} does not say what to explain.`,
    hint: 'Write KIND/NAMESPACE/NAME, KIND/NAME, node/NAME, drive/SERIAL or drivers, and a field after a blank.',
  };
}

const ALL: readonly TargetKind[] = [...KINDS, ...SPEC_KINDS].map(({ apiVersion, kind, namespaced }) => ({
  apiVersion,
  kind,
  namespaced,
}));

const PLURALS = new Map(KINDS.map(({ apiVersion, kind, plural }) => [`${apiVersion}/${kind}`, plural]));

function kindsNamed(word: string): readonly TargetKind[] {
  const [name = '', ...group] = word.toLowerCase().split('.');
  const long = (Object.hasOwn(SHORT, name) ? SHORT[name] : undefined)?.toLowerCase() ?? name;
  return ALL.filter(
    (each) =>
      namesOf(each).includes(long) && (group.length === 0 || groupOf(each.apiVersion) === group.join('.')),
  );
}

function namesOf({ apiVersion, kind }: TargetKind): readonly string[] {
  const name = kind.toLowerCase();
  const plural =
    PLURALS.get(`${apiVersion}/${kind}`) ?? (name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`);
  return [name, plural];
}

function noKind(word: string, apiVersion: string, rest: readonly string[]): NotFound {
  const sameKind = kindsNamed(word)[0];
  const kinds = [...ALL.map(({ kind }) => kind.toLowerCase()), 'node', 'drive', 'drivers'];
  const near = sameKind?.kind.toLowerCase() ?? nearest(word, kinds);
  const of = apiVersion === '' ? '' : ` of ${apiVersion}`;
  return {
    message: `${JSON.stringify(word)}${of} is none of the kinds that weka-gitops manages.`,
    hint:
      near === undefined ? 'Ask kubectl about other kinds.' : `Did you mean ${[near, ...rest].join('/')}?`,
  };
}

/** What `target` stands for among the objects that are known. */
export type Found =
  | { readonly found: 'id'; readonly id: ObjectId }
  /** Nobody knows of it; the cluster can be asked for it by this. */
  | { readonly found: 'reference'; readonly reference: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> }
  | ({ readonly found: 'nothing' } & NotFound);

type ObjectTarget = Extract<Target, { kind: 'object' }>;

/** Looks an object up among all ids of repository and cluster. */
export function findObject(target: ObjectTarget, known: Iterable<ObjectId>): Found {
  const { kinds, namespace, name } = target;
  const ids = [...new Set(known)];
  const ofKind = ids.filter((id) => kinds.some((each) => isOfKind(id, each)));
  const fitting = ofKind.filter((id) => {
    const at = parseObjectId(id);
    return at.name === name && (namespace === undefined || at.namespace === namespace);
  });
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return { found: 'id', id: only };
  if (only !== undefined) {
    return {
      found: 'nothing',
      message: `${targetWords(target)} may be any of ${few(fitting)}.`,
      hint: 'Name its namespace, or write it as plans do.',
    };
  }
  const [kind] = kinds.filter((each) => each.namespaced === (namespace !== undefined));
  // Kinds of WEKA are in the repository only.
  if (kind !== undefined && PLURALS.has(`${kind.apiVersion}/${kind.kind}`)) {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    return { found: 'reference', reference: { apiVersion: kind.apiVersion, kind: kind.kind, metadata } };
  }
  return { found: 'nothing', ...unknownObject(target, ids) };
}

function isOfKind(id: ObjectId, kind: TargetKind): boolean {
  const at = parseObjectId(id);
  return at.apiVersion === kind.apiVersion && at.kind === kind.kind;
}

/** That there is no such object, and what has a name like it. */
export function unknownObject(target: ObjectTarget, known: Iterable<ObjectId>): NotFound {
  const ids = [...known];
  const ofKind = ids.filter((id) => target.kinds.some((each) => isOfKind(id, each)));
  const sameName = ids.filter((id) => parseObjectId(id).name === target.name);
  const name = nearest(
    target.name,
    ofKind.map((id) => parseObjectId(id).name),
  );
  const likely = [
    ...ofKind.filter((id) => sameName.includes(id)),
    ...ofKind.filter((id) => name !== undefined && parseObjectId(id).name === name),
    ...sameName,
  ];
  const shown = [...new Set(likely)].slice(0, 3);
  return {
    message: `There is no ${targetWords(target)}, neither in the repository nor in the cluster.`,
    hint:
      shown.length === 0 ? 'weka-gitops status lists all objects.' : `Did you mean ${shown.join(' or ')}?`,
  };
}

function targetWords({ kinds, namespace, name }: ObjectTarget): string {
  return [kinds[0]?.kind, ...(namespace === undefined ? [] : [namespace]), name].join('/');
}

function few(ids: readonly ObjectId[]): string {
  const rest = ids.length - 3;
  return `${ids.slice(0, 3).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
