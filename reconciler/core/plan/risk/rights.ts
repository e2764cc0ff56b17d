import { record, records } from '../../kube/json.ts';
import { canonicalJson } from '../../kube/hash.ts';
import type { KubeObject } from '../../kube/object.ts';

type Json = Readonly<Record<string, unknown>>;

/** Rights in the Kubernetes API. */
export interface Gain {
  /** `get, list on secrets`. */
  readonly words: string;
  /** Whether whoever has it can get at further rights, or at secrets. */
  readonly leadsOn: boolean;
}

/** What the role `after` allows and `before` does not, what leads on first. */
export function gainedByRole(after: KubeObject, before: KubeObject | undefined): readonly Gain[] {
  const had = rulesOf(before);
  const gains = [
    ...rulesOf(after).flatMap((rule) => gainedByRule(rule, had)),
    ...gainedByAggregation(after, before),
  ];
  const known = new Map(gains.map((gain) => [gain.words, gain]));
  return [...known.values()].toSorted((a, b) => Number(b.leadsOn) - Number(a.leadsOn));
}

interface Rule {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only objects of these names; all where there is none. */
  readonly names: readonly string[];
  readonly urls: readonly string[];
}

function rulesOf(role: KubeObject | undefined): readonly Rule[] {
  return records(role?.['rules']).map((rule) => ({
    groups: texts(rule['apiGroups']),
    resources: texts(rule['resources']),
    verbs: texts(rule['verbs']),
    names: texts(rule['resourceNames']),
    urls: texts(rule['nonResourceURLs']),
  }));
}

/** Kinds that a rule may name and still be taken apart; nobody reads longer ones. */
const KINDS = 2000;

function gainedByRule(rule: Rule, had: readonly Rule[]): readonly Gain[] {
  const gains: Gain[] = [];
  const kinds = rule.groups.length * rule.resources.length;
  if (kinds > KINDS) {
    const text = canonicalJson(rule);
    const isOld = had.some((old) => canonicalJson(old) === text);
    return isOld ? [] : [{ words: `${verbsWords(rule.verbs)} on ${kinds} kinds`, leadsOn: true }];
  }
  for (const url of rule.urls) {
    const verbs = rule.verbs.filter((verb) => !had.some((old) => coversUrl(old, url, verb)));
    if (verbs.length > 0) gains.push({ words: `${verbsWords(verbs)} on ${url}`, leadsOn: url === '*' });
  }
  for (const group of rule.groups) {
    for (const resource of rule.resources) {
      const verbs = rule.verbs.filter(
        (verb) => !had.some((old) => covers(old, group, resource, verb, rule.names)),
      );
      if (verbs.length === 0) continue;
      const named = rule.names.length === 0 ? '' : ` named ${rule.names.join(', ')}`;
      gains.push({
        words: `${verbsWords(verbs)} on ${resourceWords(group, resource)}${named}`,
        leadsOn: verbs.some((verb) => leadsOn(group, resource, verb)),
      });
    }
  }
  return gains;
}

function covers(old: Rule, group: string, resource: string, verb: string, names: readonly string[]): boolean {
  return (
    has(old.groups, group) &&
    (has(old.resources, resource) || hasSubresource(old.resources, resource)) &&
    has(old.verbs, verb) &&
    (old.names.length === 0 || (names.length > 0 && names.every((name) => old.names.includes(name))))
  );
}

/** RBAC lets the star stand for every resource, as in every resource's `scale`. */
function hasSubresource(resources: readonly string[], resource: string): boolean {
  const [, subresource] = resource.split('/');
  return subresource !== undefined && resources.includes(`*/${subresource}`);
}

function coversUrl(old: Rule, url: string, verb: string): boolean {
  const isWithin = old.urls.some((each) =>
    each.endsWith('*') ? url.startsWith(each.slice(0, -1)) : each === url,
  );
  return isWithin && has(old.verbs, verb);
}

const READS = ['get', 'list', 'watch', '*'];
const WRITES = ['create', 'update', 'patch', '*'];

/** Verbs on resources that are a way to rights which the role itself does not name. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  secrets: [...READS, ...WRITES],
  pods: WRITES,
  'pods/exec': ['create', 'get', '*'],
  'pods/attach': ['create', 'get', '*'],
  'pods/ephemeralcontainers': WRITES,
  'nodes/proxy': [...READS, ...WRITES],
  'serviceaccounts/token': ['create', '*'],
  deployments: WRITES,
  daemonsets: WRITES,
  statefulsets: WRITES,
  jobs: WRITES,
  cronjobs: WRITES,
  'certificatesigningrequests/approval': WRITES,
  mutatingwebhookconfigurations: WRITES,
};

function leadsOn(group: string, resource: string, verb: string): boolean {
  if (group === '*' || resource === '*' || ['*', 'escalate', 'bind', 'impersonate'].includes(verb))
    return true;
  return WAYS[resource]?.includes(verb) ?? false;
}

/** Rights that come or go through other roles, which the role only names by label. */
function gainedByAggregation(after: KubeObject, before: KubeObject | undefined): readonly Gain[] {
  const labels = Object.entries(after.metadata.labels ?? {});
  const joined = labels.flatMap(([label, value]) => {
    const [, role] = /^rbac\.authorization\.k8s\.io\/aggregate-to-(.+)$/.exec(label) ?? [];
    const isNew = value === 'true' && before?.metadata.labels?.[label] !== 'true';
    return role !== undefined && isNew
      ? [{ words: `its rights for all who are bound to ClusterRole ${role}`, leadsOn: true }]
      : [];
  });
  const rule: Json = record(after['aggregationRule']);
  const isNew =
    Object.keys(rule).length > 0 && canonicalJson(rule) !== canonicalJson(before?.['aggregationRule'] ?? {});
  return isNew
    ? [
        ...joined,
        { words: 'all that the ClusterRoles allow which its aggregation rule selects', leadsOn: true },
      ]
    : joined;
}

/** Who gets rights through the binding `after` and does not through `before`. */
export function gainedByBinding(after: KubeObject, before: KubeObject | undefined): readonly string[] {
  const sameRole =
    before !== undefined && canonicalJson(after['roleRef']) === canonicalJson(before['roleRef']);
  const had = new Set(sameRole ? subjectsOf(before) : []);
  return subjectsOf(after).filter((subject) => !had.has(subject));
}

function subjectsOf(binding: KubeObject): readonly string[] {
  return records(binding['subjects']).map(({ kind, name, namespace }) => {
    const own = kind === 'ServiceAccount' ? binding.metadata.namespace : undefined;
    const within = typeof namespace === 'string' ? namespace : own;
    return `${String(kind)} ${within === undefined ? '' : `${within}/`}${String(name)}`;
  });
}

function has(list: readonly string[], item: string): boolean {
  return list.includes('*') || list.includes(item);
}

function verbsWords(verbs: readonly string[]): string {
  return verbs.includes('*') ? 'everything' : verbs.join(', ');
}

function resourceWords(group: string, resource: string): string {
  const what = resource === '*' ? 'all kinds' : resource;
  if (group === '*') return resource === '*' ? 'all kinds of all groups' : `${what} of all groups`;
  return group === '' ? what : resource === '*' ? `all kinds of ${group}` : `${what}.${group}`;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
