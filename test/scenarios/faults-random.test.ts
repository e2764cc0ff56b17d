import { afterAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { calmEnd } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import { randomTrial } from '../support/fault-trial.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());
const calm = await calmEnd(ground);

/** As many as `npm test` has time for; `npm run sweep faults` takes others. */
const SEEDS = [1, 3, 1035, 1038];

describe('run, while three calls of ten fail', () => {
  it.each(SEEDS)(
    'ends as if nothing had, once they fail no more (seed %i)',
    async (seed) => {
      const { differences, faults } = await randomTrial(ground, calm, seed);
      expect(differences).toEqual([]);
      expect(Object.keys(faults).length).toBeGreaterThan(8);
    },
    300_000,
  );
});
