import { describe, expect, it } from 'vitest';
import { lintFiles } from '../read.ts';

const CLUSTER = [
  'apiVersion: weka.weka.io/v1alpha1',
  'kind: WekaCluster',
  'metadata: { name: demo, namespace: weka }',
  'spec:',
  '  image: quay.io/weka.io/weka-in-container:4.4.10',
].join('\n');
const CLIENT = [
  'apiVersion: weka.weka.io/v1alpha1',
  'kind: WekaClient',
  'metadata: { name: clients, namespace: weka }',
  'spec:',
  '  image: quay.io/weka.io/weka-in-container:4.4.10',
  '  nodeSelector: { weka.io/supports-clients: "true" }',
  '  targetCluster: { name: demo, namespace: weka }',
].join('\n');

describe('what is in the repository and has an error of its own', () => {
  it.each([
    ['a Secret', 'Secret', 'imagePullSecret: pull', 'data: { a: [] }', 'name: pull'],
    ['a claim', 'PersistentVolumeClaim', 'globalPVC: { name: state }', 'spec: { nothing: 1 }', 'name: state'],
    ['a service account', 'ServiceAccount', 'serviceAccountName: weka', 'secrets: 1', 'name: weka'],
  ])('is not called missing: %s', (_, kind, field, fault, name) => {
    const broken = `apiVersion: v1\nkind: ${kind}\nmetadata: { ${name}, namespace: weka }\n${fault}`;
    const files = { 'cluster.yaml': `${CLUSTER}\n  ${field}`, 'other.yaml': broken };
    expect(rules(files).some((rule) => rule.startsWith('missing-'))).toBe(false);
    expect(lintFiles(files).broken).toHaveLength(1);
    expect(
      rules({ 'cluster.yaml': `${CLUSTER}\n  ${field}` }).some((rule) => rule.startsWith('missing-')),
    ).toBe(true);
  });

  it('is not called missing: the cluster of a client', () => {
    expect(rules({ 'clients.yaml': CLIENT, 'cluster.yaml': `${CLUSTER}\n  hotSpare: many` })).not.toContain(
      'target-cluster',
    );
    expect(rules({ 'clients.yaml': CLIENT })).toContain('target-cluster');
  });

  it('is not called missing: the policy that makes a Service', () => {
    const users = `${CLUSTER}\n  driversDistService: https://drivers-dist.weka.svc:60002`;
    const policy =
      'apiVersion: weka.weka.io/v1alpha1\nkind: WekaPolicy\nmetadata: { name: drivers, namespace: weka }\nspec: { type: unknown, payload: {} }';
    expect(rules({ 'cluster.yaml': users, 'policy.yaml': policy })).not.toContain('drivers-service');
    expect(rules({ 'cluster.yaml': users })).toContain('drivers-service');
  });
});

describe('a finding about two manifests', () => {
  it('names the file and line of the other one', () => {
    const files = {
      'b/clients.yaml': CLIENT.replace('4.4.10', '4.4.11'),
      'a/cluster.yaml': `---\n${CLUSTER}`,
    };
    const told = lintFiles(files).findings.find(({ rule }) => rule === 'client-version');
    expect(told).toMatchObject({ file: 'b/clients.yaml', line: 5 });
    expect(told?.message).toContain('(a/cluster.yaml:2)');
  });
});

describe('a rule that an object is exempt from', () => {
  it('tells nothing of that object', () => {
    const exempt = CLUSTER.replace(
      'namespace: weka }',
      'namespace: weka, annotations: { weka-gitops.dev/ignore-rule: "missing-secret: made by the registry team" } }',
    );
    const parsed = lintFiles({ 'cluster.yaml': `${exempt}\n  imagePullSecret: pull` });
    expect(parsed.findings.map(({ rule }) => rule)).not.toContain('missing-secret');
    expect(parsed.silenced).toBe(1);
  });
});

function rules(files: Readonly<Record<string, string>>): readonly string[] {
  return lintFiles(files).findings.map(({ rule }) => rule);
}
