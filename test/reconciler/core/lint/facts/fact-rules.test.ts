import { describe, expect, it } from 'vitest';
import { applySetId } from '../../../../../reconciler/core/desired/ownership.ts';
import type { Facts } from '../../../../../reconciler/core/facts/facts.ts';
import { LINT_RULES } from '../../../../../reconciler/core/lint/lint-rules.ts';
import type { LintRule } from '../../../../../reconciler/core/lint/spec-rule.ts';
import { completed } from '../complete.ts';
import { aConfigMap, aNode, aPod, aSecret, factsOf, nodes, saidOf } from './build-facts.ts';

const other = { name: 'weka-gitops', namespace: 'other-system' };

/** The parent of another installation, which has objects in namespace `shared`. */
const parent = aConfigMap(other.namespace, other.name, {
  labels: { 'applyset.kubernetes.io/id': applySetId(other) },
  annotations: {
    'applyset.kubernetes.io/tooling': 'weka-gitops/1.0.0',
    'applyset.kubernetes.io/additional-namespaces': 'shared,theirs',
  },
});

const kernels = [
  ...nodes(6, { labels: { 'example.com/kernel': 'new' } }),
  aNode('old-a', { labels: { 'example.com/kernel': 'old' }, info: { kernelVersion: '4.18.0-553.el8' } }),
];

const ofCluster = (mode: string) => ({ 'weka.io/cluster-name': 'demo', 'weka.io/mode': mode });

/** Facts under which a rule's wrong example is wrong, and its right one right. */
const FACTS: Readonly<Record<string, Facts>> = {
  'cores-decrease': factsOf(aPod('demo-drive-0', { labels: ofCluster('drive'), cores: 2 })),
  'drivers-for-kernels': factsOf(kernels),
  'namespace-of-another': factsOf(parent),
  'node-annotations': factsOf(
    nodes(6, { labels: { 'example.com/annotations': 'whole' } }),
    nodes(6, {
      labels: { 'example.com/annotations': 'damaged' },
      annotations: { 'weka.io/discovery.json': '{' },
    }).map((node) => JSON.parse(JSON.stringify(node).replace('"node-', '"bad-')) as object),
  ),
  'node-disk-space': factsOf(nodes(12, { has: { 'ephemeral-storage': '60Gi', 'weka.io/drives': '9' } })),
  'node-kernel': factsOf(
    kernels,
    aNode('old-b', { labels: { 'example.com/kernel': 'old' }, info: { kernelVersion: '5.4.0' } }),
  ),
  'nodes-alike': factsOf(kernels),
  'nodes-for-client': factsOf(nodes(6, { has: { cpu: '8' } })),
  'nodes-for-role': factsOf(nodes(6, { has: { cpu: '8' } })),
  'nodes-out-of-service': factsOf(nodes(6), aNode('node-z', { spec: { unschedulable: true } })),
  'nodes-together': factsOf(nodes(6, { has: { cpu: '8' } })),
  'object-of-another': factsOf(
    parent,
    aConfigMap('weka', 'taken', { labels: { 'applyset.kubernetes.io/part-of': applySetId(other) } }),
  ),
  'secret-in-cluster': factsOf(aSecret('weka', 'pull-secret')),
  'sizing-mode-change': factsOf(
    aPod('demo-drive-0', { labels: ofCluster('drive'), requests: { 'weka.io/drives': '2' } }),
  ),
  'static-cpu-manager': factsOf(
    nodes(6),
    aConfigMap('kube-system', 'kubelet-config', {
      data: {
        kubelet:
          'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncpuManagerPolicy: none\n',
      },
    }),
  ),
};

const FACT_RULES = Object.entries<LintRule>(LINT_RULES).flatMap(([name, rule]) =>
  'checkFacts' in rule ? [{ name, rule }] : [],
);

describe('the examples on the page of a rule over facts', () => {
  it('have facts to be checked against', () => {
    expect(Object.keys(FACTS).toSorted()).toEqual(FACT_RULES.map(({ name }) => name).toSorted());
  });

  it.each(FACT_RULES)('$name: the wrong one has its finding, and none without facts', ({ name, rule }) => {
    const text = completed(rule.example.wrong);
    expect(saidOf(text, FACTS[name] ?? factsOf(), name)).toHaveLength(1);
    expect(saidOf(text, factsOf(aSecret('weka', 'unrelated')), name)).toHaveLength(
      name === 'secret-in-cluster' ? 1 : 0,
    );
  });

  it.each(FACT_RULES)('$name: the right one has not, and has no error', ({ name, rule }) => {
    const said = saidOf(completed(rule.example.right), FACTS[name] ?? factsOf());
    expect(said.filter((each) => each.startsWith('error') || each.includes(` ${name}: `))).toEqual([]);
  });
});
