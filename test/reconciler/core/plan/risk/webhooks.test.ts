import { describe, expect, it } from 'vitest';
import { aClusterObject } from '../../../../support/objects.ts';
import { gained, plannedReasons } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const rule = (resources: readonly string[], rest: Json = {}) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources,
  ...rest,
});
const PODS = rule(['pods']);
const service = { name: 'hook', namespace: 'weka' };
const config = (
  webhook: Json,
  { kind = 'Mutating', metadata = {} }: { kind?: string; metadata?: Json } = {},
) =>
  aClusterObject(`admissionregistration.k8s.io/v1/${kind}WebhookConfiguration`, 'w', {
    metadata,
    webhooks: [{ name: 'a.example.com', clientConfig: { service }, rules: [PODS], ...webhook }],
  });
const WORDS = ['MutatingWebhookConfiguration w: a.example.com, CREATE of pods'];

describe('a webhook', () => {
  it('counts where it is new, and says whether it may change what it sees', () => {
    expect(gained(config({}))).toEqual(WORDS);
    expect(gained(config({ rules: [] }))).toEqual([]);
    expect(plannedReasons([config({})])[0]).toBe('A webhook sees more of what is written, and may change it');
    expect(plannedReasons([config({}, { kind: 'Validating' })])[0]).toBe(
      'A webhook sees more of what is written',
    );
  });

  it.each<[string, Json, Json]>([
    ['of another kind', { rules: [PODS, rule(['secrets'])] }, {}],
    ['of every kind', { rules: [rule(['*'])] }, {}],
    ['of subresources', { rules: [rule(['pods/exec'])] }, { rules: [rule(['*'])] }],
    ['of another operation', { rules: [rule(['pods'], { operations: ['*'] })] }, {}],
    ['of another group', { rules: [rule(['pods'], { apiGroups: ['*'] })] }, {}],
    ['of objects in no namespace', {}, { rules: [rule(['pods'], { scope: 'Namespaced' })] }],
    ['of more namespaces', {}, { namespaceSelector: { matchLabels: { a: 'b' } } }],
    ['of more objects', {}, { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }],
    ['of what a condition kept from it', {}, { matchConditions: [{ name: 'c', expression: 'false' }] }],
    ['of equal kinds', {}, { matchPolicy: 'Exact' }],
    ['by another service', {}, { clientConfig: { service: { ...service, name: 'other' } } }],
    ['by another address', { clientConfig: { url: 'https://example.com' } }, {}],
  ])('counts where it learns %s', (_what, after, before) => {
    expect(gained(config(after), config(before))).toHaveLength(1);
  });

  it.each<[string, Json, Json]>([
    ['what it did', {}, {}],
    [
      'what defaults add',
      {},
      {
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        clientConfig: { caBundle: 'eA==', service: { ...service, port: 443 } },
        rules: [{ ...PODS, scope: '*' }],
      },
    ],
    [
      'less of the kinds',
      {},
      { rules: [rule(['*'], { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'] })] },
    ],
    ['one subresource', { rules: [rule(['pods/exec'])] }, { rules: [rule(['pods/*'])] }],
    ['fewer objects', { objectSelector: { matchLabels: { a: 'b' } } }, {}],
    ['less by a condition', { matchConditions: [{ name: 'c', expression: 'false' }] }, {}],
  ])('does not where it learns %s', (_what, after, before) => {
    expect(gained(config(after, { metadata: { labels: { a: 'b' } } }), config(before))).toEqual([]);
  });
});
