import type { Cluster, StatusBranch } from '../../ports.ts';
import type { Fence } from './lease.ts';

/**
 * `cluster` that writes only while `fence` holds: it is asked right before each write is handed on. What was sent
 * before may still land; nothing more is.
 */
export function fenced(cluster: Cluster, fence: Fence): Cluster {
  return {
    get: (...args) => cluster.get(...args),
    read: (...args) => cluster.read(...args),
    placementFacts: (...args) => cluster.placementFacts(...args),
    storageFacts: (...args) => cluster.storageFacts(...args),
    seeNodes: (...args) => cluster.seeNodes(...args),
    dryRun: (...args) => cluster.dryRun(...args),
    waitGone: (...args) => cluster.waitGone(...args),
    async apply(object, options) {
      fence.assertHeld();
      return await cluster.apply(object, options);
    },
    async delete(...args) {
      fence.assertHeld();
      await cluster.delete(...args);
    },
  };
}

/** `branch` that publishes only while `fence` holds: it is asked before anything, and again before each push. */
export function fencedStatusBranch(branch: StatusBranch, fence: Fence): StatusBranch {
  return {
    ref: branch.ref,
    read: () => branch.read(),
    async publish(build, options) {
      fence.assertHeld();
      return await branch.publish((tip) => {
        fence.assertHeld();
        return build(tip);
      }, options);
    },
  };
}
