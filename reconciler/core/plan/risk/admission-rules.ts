import { few } from './deed.ts';

type Json = Readonly<Record<string, unknown>>;

/** `CREATE, UPDATE of pods, deployments`: the requests that rules of admission match. */
export function requests(rules: readonly Json[]): string {
  const listed = (field: string) => [...new Set(rules.flatMap((rule) => texts(rule[field])))];
  const operations = listed('operations');
  const resources = listed('resources');
  if (operations.length === 0 || resources.length === 0) return 'no request yet';
  const verbs = operations.includes('*') ? 'every write' : few(operations);
  return `${verbs} of ${resources.some((name) => name.startsWith('*')) ? 'all kinds' : few(resources)}`;
}

/** Whether each request that `rule` matches was matched by one of `had`, all of it. */
export function isCovered(rule: Json, had: readonly Json[]): boolean {
  const { operations, groups, versions, resources } = matched(rule);
  return operations.every((operation) =>
    groups.every((group) =>
      versions.every((version) =>
        resources.every((resource) =>
          had.some((old) => {
            const of = matched(old);
            return (
              has(of.operations, operation) &&
              has(of.groups, group) &&
              has(of.versions, version) &&
              hasResource(of.resources, resource) &&
              (of.scope === '*' || of.scope === scopeOf(rule))
            );
          }),
        ),
      ),
    ),
  );
}

function matched(rule: Json) {
  return {
    operations: texts(rule['operations']),
    groups: texts(rule['apiGroups']),
    versions: texts(rule['apiVersions']),
    resources: texts(rule['resources']),
    scope: scopeOf(rule),
  };
}

function scopeOf({ scope }: Json): string {
  return typeof scope === 'string' ? scope : '*';
}

/** A star alone stands for all resources and none of their subresources. */
function hasResource(list: readonly string[], resource: string): boolean {
  const [kind, subresource] = resource.split('/');
  if (list.includes(resource) || list.includes('*/*')) return true;
  return subresource === undefined
    ? list.includes('*')
    : list.includes(`${kind}/*`) || list.includes(`*/${subresource}`);
}

function has(list: readonly string[], item: string): boolean {
  return list.includes('*') || list.includes(item);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
