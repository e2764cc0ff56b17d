import type { SpecRule } from '../spec-rule.ts';
import { compareVersions, imageVersion } from './image-version.ts';
import { clusterLookup, describeReference, targetOf } from './target-of.ts';

/** The vendor's plugin refuses it: cluster_client_compatibility (weka-operator §6.5). */
export const clientVersion: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A cluster serves clients of its own major and minor version, and none that is newer than itself.',
  example: {
    wrong:
      'kind: WekaCluster\nspec:\n  image: quay.io/weka.io/weka-in-container:4.4.10\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  image: quay.io/weka.io/weka-in-container:4.4.11\n  targetCluster: { name: demo, namespace: weka }',
    right:
      'kind: WekaCluster\nspec:\n  image: quay.io/weka.io/weka-in-container:4.4.10\n---\nkind: WekaClient\nmetadata: { name: clients }\nspec:\n  image: quay.io/weka.io/weka-in-container:4.4.9\n  targetCluster: { name: demo, namespace: weka }',
  },
  *check({ clients, clusters }) {
    const find = clusterLookup({ clusters });
    for (const spec of clients) {
      const cluster = find(targetOf(spec.client.spec));
      if (cluster === undefined) continue;
      const own = imageVersion(spec.client.spec.image);
      const theirs = imageVersion(cluster.cluster.spec.image);
      if (own === undefined || theirs === undefined) continue;
      const newer = compareVersions(own.number, theirs.number) > 0;
      if (!newer && own.minor === theirs.minor) continue;
      yield {
        spec,
        path: ['spec', 'image'],
        message: `Clients run ${own.tag}, and cluster ${describeReference(cluster.cluster.metadata)} (${cluster.source}) runs ${theirs.tag}: ${newer ? 'clients are newer' : `${own.minor} is not ${theirs.minor}`}.`,
        hint: newer
          ? `Upgrade the cluster first, or set the version of clients to ${theirs.tag}.`
          : `Set the version of clients to ${theirs.tag}.`,
      };
    }
  },
};
