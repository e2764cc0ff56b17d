import { canonicalJson } from '../../kube/hash.ts';
import { record, records } from '../../kube/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isCovered, requests } from './admission-rules.ts';

type Json = Readonly<Record<string, unknown>>;

/** Which writes the webhooks of `after` are asked about, or whom they ask, beyond what those of `before` do. */
export function gainedByWebhooks(after: KubeObject, before: KubeObject | undefined): readonly string[] {
  const had = new Map(records(before?.['webhooks']).map((webhook) => [webhook['name'], webhook]));
  return records(after['webhooks'])
    .filter((webhook) => !isWithin(webhook, had.get(webhook['name'])))
    .map((webhook) => `${String(webhook['name'])}, ${requests(records(webhook['rules']))}`);
}

/** Whether all that `webhook` is asked about was asked of the same service before. */
function isWithin(webhook: Json, old: Json | undefined): boolean {
  const rules = records(webhook['rules']);
  if (rules.length === 0) return true;
  if (old === undefined) return false;
  const had = records(old['rules']);
  return (
    rules.every((rule) => isCovered(rule, had)) &&
    addressOf(webhook) === addressOf(old) &&
    (old['matchPolicy'] !== 'Exact' || webhook['matchPolicy'] === 'Exact') &&
    ['namespaceSelector', 'objectSelector'].every((field) =>
      isNarrower(selectorTerms(webhook[field]), selectorTerms(old[field])),
    ) &&
    isNarrower(conditions(webhook), conditions(old))
  );
}

/** Whom it asks. The certificates it trusts are often put there by others, and change by themselves. */
function addressOf({ clientConfig }: Json): string {
  const { url, service } = record(clientConfig);
  const { name, namespace, path, port = 443 } = record(service);
  return canonicalJson({
    url: url ?? '',
    name: name ?? '',
    namespace: namespace ?? '',
    path: path ?? '',
    port,
  });
}

/** All terms have to hold, so whoever keeps them all matches no more. */
function isNarrower(terms: readonly string[], old: readonly string[]): boolean {
  return old.every((term) => terms.includes(term));
}

function selectorTerms(selector: unknown): readonly string[] {
  const { matchLabels, matchExpressions } = record(selector);
  return [
    ...Object.entries(record(matchLabels)).map((entry) => canonicalJson(entry)),
    ...records(matchExpressions).map((expression) => canonicalJson(expression)),
  ];
}

function conditions({ matchConditions }: Json): readonly string[] {
  return records(matchConditions).map(({ expression }) => String(expression));
}
