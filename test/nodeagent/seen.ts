import type { Host } from '../../nodeagent/host/host.ts';
import { observeNode } from '../../nodeagent/host/observe-node.ts';
import { nodeReport } from '../../nodeagent/node-report.ts';
import type { NodeReport } from '../../schemas/node-report.ts';
import { fakeHost, fakeRoot } from './fake-root.ts';
import type { Tree } from './write-tree.ts';
import { storageNodeInterfaces } from './storage-node.ts';

/** The report of a host. */
export async function reported(host: Host): Promise<NodeReport> {
  return nodeReport({
    node: 'node-a',
    agentVersion: '0.1.0',
    intentGeneration: 0,
    observed: await observeNode(host),
  });
}

/** What is seen of a host that has these files, and the addresses of the storage node. */
export async function seen(tree: Tree): Promise<NodeReport['observed']> {
  const host = fakeHost(await fakeRoot(tree), { interfaces: storageNodeInterfaces });
  return (await reported(host)).observed;
}
