import { imageVersion } from '../client/image-version.ts';
import { describeReference } from '../client/target-of.ts';
import { DRIVERS_PATH, driversUsers } from '../drivers/drivers-users.ts';
import { hasLabels } from '../../facts/node-match.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import type { FactRule, SpecSet } from '../spec-rule.ts';
import { counted, firstFew } from './shortages.ts';
import { wekaNodes } from './weka-nodes.ts';

/**
 * What builders of the repository make for a service in the cluster; a policy makes them for every kernel of its nodes
 * (weka-operator §3.1, §3.4). What a registry holds cannot be known from here.
 */
export const driversForKernels: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'A node whose kernel no builder makes drivers for gets none, and its containers wait for them.',
  facts:
    'Six nodes with example.com/kernel=new run kernel 6.8.0-45-generic, and another one runs 4.18.0-553.el8.',
  example: {
    wrong:
      'kind: WekaContainer\nmetadata: { name: dist }\nspec: { mode: drivers-dist }\n---\nkind: WekaContainer\nmetadata: { name: builder }\nspec: { mode: drivers-builder, uploadResultsTo: dist, nodeSelector: { example.com/kernel: new } }\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://dist.weka.svc.cluster.local:60002',
    right:
      'kind: WekaContainer\nmetadata: { name: dist }\nspec: { mode: drivers-dist }\n---\nkind: WekaContainer\nmetadata: { name: builder }\nspec: { mode: drivers-builder, uploadResultsTo: dist, nodeSelector: { example.com/kernel: new } }\n---\nkind: WekaCluster\nspec:\n  driversDistService: https://dist.weka.svc.cluster.local:60002\n  nodeSelector: { example.com/kernel: new }',
  },
  *checkFacts(set, facts) {
    const users = new Map(driversUsers(set).map((user) => [user.spec.id, user]));
    for (const { spec, words, image, nodes } of wekaNodes(set, facts)) {
      const service = users.get(spec.id)?.address?.service;
      if (service === undefined) continue;
      const isBuilt = builtFor(set, service, image, facts.nodes);
      if (isBuilt === undefined) continue;
      const missing = Map.groupBy(
        nodes.filter((node) => node.kernel !== '' && !isBuilt(node)),
        ({ kernel, architecture }) => `${kernel} (${architecture})`,
      );
      if (missing.size === 0) continue;
      const kernels = firstFew(
        [...missing],
        ([kernel, its]) => `${kernel} on ${counted(its.length, 'node')}`,
      );
      const version = imageVersion(image)?.tag ?? image;
      yield {
        spec,
        path: DRIVERS_PATH,
        message: `No builder makes drivers of ${version} for ${describeReference(service)} and these kernels of ${words}: ${kernels}.`,
        hint: 'Add a WekaContainer of mode drivers-builder whose nodeSelector names such a node.',
      };
    }
  },
};

/** Whether drivers are built for a node's kernel; undefined where the repository does not say who builds for the service. */
function builtFor(
  { containers, policies }: SpecSet,
  service: { readonly namespace: string; readonly name: string },
  image: string,
  nodes: readonly NodeFacts[],
): ((node: NodeFacts) => boolean) | undefined {
  const policy = policies.find(
    ({ policy: { metadata, spec } }) =>
      spec.type === 'enable-local-drivers-distribution' &&
      metadata.namespace === service.namespace &&
      `${metadata.name}-dist` === service.name,
  );
  if (policy !== undefined) {
    const selectors = policy.policy.spec.payload.driverDistPayload?.nodeSelectors ?? [];
    return (node) => selectors.length === 0 || selectors.some((labels) => hasLabels(node, labels));
  }
  const version = imageVersion(image);
  const builders = containers.filter(({ container: { metadata, spec } }) => {
    const made = spec.builder?.weka_version ?? imageVersion(spec.image)?.tag;
    const ours = spec.mode === 'drivers-builder' && metadata.namespace === service.namespace;
    return ours && (made === version?.tag || made === version?.number);
  });
  // That nobody builds this version at all is told without facts.
  if (builders.length === 0) return undefined;
  const kernels = new Set<string>();
  for (const { container } of builders) {
    const { nodeSelector = {}, nodeAffinity } = container.spec;
    const its = nodes.filter(
      (node) => hasLabels(node, nodeSelector) && (!nodeAffinity || nodeAffinity === node.name),
    );
    // It builds for one after another of the kernels that its nodes have.
    for (const node of its) kernels.add(kernelOf(node));
  }
  return (node) => kernels.has(kernelOf(node));
}

function kernelOf({ kernel, architecture }: NodeFacts): string {
  return `${kernel}/${architecture}`;
}
