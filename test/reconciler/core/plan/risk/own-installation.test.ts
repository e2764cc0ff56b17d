import { describe, expect, it } from 'vitest';
import { objectId } from '../../../../../reconciler/core/kube/object.ts';
import { compare } from '../../../../../reconciler/core/plan/compare.ts';
import type { FieldChange } from '../../../../../reconciler/core/plan/change.ts';
import { formatPath } from '../../../../../reconciler/core/plan/field-path.ts';
import { ownInstallation } from '../../../../../reconciler/core/plan/risk/own-installation.ts';
import { anObject } from '../../../../support/objects.ts';

const LABELS = { 'app.kubernetes.io/version': '1.0.0', 'app.kubernetes.io/part-of': 'weka-gitops' };
type Marks = { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
const account = (metadata: Marks) => anObject('v1/ServiceAccount', 'weka-gitops', { metadata });

/** What is said of a change of our own account from one state to another. */
function said(before: Marks, after: Marks, fields?: readonly FieldChange[]): readonly string[] {
  const [from, to] = [account(before), account(after)];
  const id = objectId(to);
  const compared = compare(to, from).map((field) => ({ ...field, path: formatPath(field.path) }));
  const deed = { op: 'update', id, before: from, after: to, fields: fields ?? compared } as const;
  const context = { live: new Map(), asked: new Set([id]), own: new Set([id]) };
  return ownInstallation(deed, context).map(({ evidence }) => evidence ?? '');
}

describe('a change of what we are made of', () => {
  it('is no privilege where our own marks change', () => {
    const after = {
      labels: { ...LABELS, 'app.kubernetes.io/version': '1.1.0' },
      annotations: { 'weka-gitops.dev/config-digest': 'a' },
    };
    expect(said({ labels: LABELS }, after)).toEqual([]);
  });

  it.each<[Marks]>([
    [{ annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/admin' } }],
    [{ annotations: { 'iam.gke.io/gcp-service-account': 'admin@example.com' } }],
    [{ labels: { ...LABELS, 'istio-injection': 'enabled' } }],
    [{ labels: { ...LABELS, exempt: 'true' } }],
    [{ labels: { ...LABELS, 'app.kubernetes.io/component': 'x' } }],
  ])('is one where a mark of others comes that may give rights: %j', (after) => {
    const [evidence] = said({ labels: LABELS }, { labels: LABELS, ...after });
    const [key] = [...Object.keys(after.annotations ?? {}), ...Object.keys(after.labels ?? {})].toReversed();
    expect(evidence).toContain(key);
    expect(evidence).toMatch(/^ServiceAccount weka\/weka-gitops: metadata\./);
  });

  it('is one where a map with such a mark comes or goes as a whole', () => {
    const marks = { 'eks.amazonaws.com/role-arn': 'arn' };
    const path = 'metadata.annotations';
    expect(said({}, { annotations: marks }, [{ path, to: marks }])).toHaveLength(1);
    expect(said({ annotations: marks }, {}, [{ path, from: marks }])).toHaveLength(1);
    expect(said({ labels: LABELS }, {}, [{ path: 'metadata.labels', from: LABELS }])).toEqual([]);
  });
});
