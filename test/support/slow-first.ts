import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The slowest files, in the order in which they begin, so that none of them goes on by itself at the end; a new checkout
 * cannot know how long they take. Those that boot guests stand apart, since only two guests run at once.
 */
export const SLOW = [
  'test/guest/node/installation.test.ts',
  'test/reconciler/review/review.test.ts',
  'test/guest/agent.test.ts',
  'test/scenarios/crash.test.ts',
  'test/guest/drivers.test.ts',
  'test/scenarios/faults-loop.test.ts',
  'test/demo/demo.test.ts',
  'test/guest/drivers-kill.test.ts',
  'test/nodeagent/load/load.test.ts',
  'test/scenarios/node-reports.test.ts',
  'test/guest/drivers-6.12.test.ts',
  'test/scenarios/placement.test.ts',
  'test/scenarios/crash-sigkill.test.ts',
  'test/guest/start-guest.test.ts',
  'test/reconciler/install/installed.test.ts',
  'test/reconciler/world/forge/gitea/gitea-forge.test.ts',
  'test/kubelet/kubelet-node.test.ts',
  'test/scenarios/drivers.test.ts',
  'test/scenarios/faults-random.test.ts',
  'test/guest/drivers-secure-boot.test.ts',
  'test/scenarios/signatures.test.ts',
  'test/scenarios/faults-outages.test.ts',
  'test/guest/kernel-6.12.test.ts',
  'test/scenarios/stop.test.ts',
  'test/nodeagent/build/build.test.ts',
  'test/reconciler/review/review-remarks.test.ts',
] as const;

/** Begins with the slowest files; the others follow as Vitest orders them, which remembers how long they took. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = (SLOW as readonly string[]).indexOf(relative(root, moduleId));
      return place === -1 ? SLOW.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
