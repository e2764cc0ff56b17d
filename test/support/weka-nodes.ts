import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { ApiError } from '../cluster/api.ts';
import type { NodeSpec } from '../cluster/nodes.ts';
import type { SharedCluster } from '../cluster/shared.ts';
import { PRIORITY_CLASSES } from './crash-story.ts';

/** Nodes of a test of its own: what it puts there says so, and nothing else comes there. */
export interface WekaNodes {
  /** Begins each name. */
  readonly prefix: string;
  /** What the spec of a container says to be there: it selects the nodes and puts up with them. */
  readonly onThem: {
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly tolerations: object[];
  };
  /** Adds a node `PREFIX-NAME`, and waits until it is ready. */
  add(name: string, more?: Omit<NodeSpec, 'name' | 'taints'>): Promise<string>;
  /** Removes it, as whoever takes a machine away does. */
  remove(name: string): Promise<void>;
}

/** Everything that it makes goes when the test has finished. The classes that pods of WEKA name are there as well. */
export async function wekaNodes(cluster: SharedCluster): Promise<WekaNodes> {
  const prefix = `p-${randomBytes(3).toString('hex')}`;
  const key = `example.com/${prefix}`;
  const there = new Set<string>();
  const remove = async (name: string) => {
    there.delete(name);
    await cluster.api.json('DELETE', `/api/v1/nodes/${name}`).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  };
  onTestFinished(async () => void (await Promise.all([...there].map(remove))));
  const apply = ['apply', '--server-side', '--force-conflicts', '--filename', '-'];
  await cluster.kubectl(apply, { input: PRIORITY_CLASSES });
  return {
    prefix,
    onThem: { nodeSelector: { [key]: 'yes' }, tolerations: [{ key, operator: 'Exists' }] },
    async add(name, { labels, ...more } = {}) {
      const full = `${prefix}-${name}`;
      there.add(full);
      const taints = [{ key, effect: 'NoExecute' }];
      await cluster.addNodes([{ name: full, labels: { ...labels, [key]: 'yes' }, taints, ...more }]);
      return full;
    },
    remove,
  };
}
