import { afterAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { calmEnd } from '../support/crash-disturbed.ts';
import type { Moment } from '../support/crash-kill.ts';
import { type LeasePoint, leaseTrial } from '../support/crash-lease.ts';
import { prepareGround, trial, undisturbed } from '../support/crash-trial.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());
const golden = await undisturbed(ground);

/** One of each sort; `node test/sweep/main.ts crash` goes through all that there are. */
const SAMPLE: readonly (readonly [Moment, string, string])[] = [
  ['before', 'first apply', 'apply Namespace w-ID-system'],
  ['after', 'first apply', 'apply ConfigMap w-ID'],
  ['amid', 'first apply', 'apply Service dist'],
  ['after', 'first apply', 'push'],
  ['after', 'change', 'delete PriorityClass w-ID'],
  ['before', 'change', 'apply Deployment exporter'],
  ['before', 'drift', 'apply Deployment exporter'],
  ['after', 'prune', 'apply ConfigMap w-ID'],
  ['after', 'prune', 'delete CronJob report'],
  ['after', 'prune', 'delete ConfigMap report'],
  ['before', 'emptied', 'push'],
  ['amid', 'mended', 'delete NetworkPolicy dist'],
];

describe.concurrent('a process that dies', () => {
  it.each(SAMPLE)('%s a call is mended by the next one: %s, %s', async (moment, step, call) => {
    const at = golden.calls.findIndex((each) => each.step === step && each.call === call) + 1;
    expect(golden.calls[at - 1]).toEqual({ step, call });
    const verdict = await trial(ground, golden, { at, moment }, 1);
    expect(verdict.differences).toEqual([]);
    expect(verdict.step).toBe(step);
    expect(verdict.passes).toBeLessThanOrEqual(2);
  });
});

/** One of each moment; the sweep has all twelve. */
const LEASE_SAMPLE: readonly LeasePoint[] = [
  { write: 'create', moment: 'after' },
  { write: 'renew', moment: 'amid' },
  { write: 'release', moment: 'before' },
];

describe('run that dies', () => {
  it.each(LEASE_SAMPLE)('$moment it could $write its lease is followed by the next one', async (point) => {
    const { differences } = await leaseTrial(ground, await calmEnd(ground), point);
    expect(differences).toEqual([]);
  });
});
