import { afterAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { calmEnd } from '../support/crash-disturbed.ts';
import type { Moment } from '../support/crash-kill.ts';
import { type LeasePoint, leaseTrial } from '../support/crash-lease.ts';
import { type RunPoint, runTrial, runWrites } from '../support/crash-run.ts';
import { prepareGround, trial, undisturbed } from '../support/crash-trial.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());
const golden = await undisturbed(ground);

/** One of each sort; `node test/sweep/main.ts crash` goes through all that there are. */
const SAMPLE: readonly (readonly [Moment, string, string])[] = [
  ['before', 'first apply', 'apply Namespace w-ID'],
  ['after', 'first apply', 'apply ConfigMap w-ID'],
  ['amid', 'first apply', 'apply Service weka-drivers-dist'],
  ['after', 'first apply', 'push'],
  ['after', 'replaced', 'delete PriorityClass w-ID-initial-no-evict'],
  ['before', 'change', 'apply Deployment exporter'],
  ['before', 'drift', 'apply Deployment exporter'],
  ['after', 'prune', 'apply ConfigMap w-ID'],
  ['after', 'prune', 'delete CronJob capacity-report'],
  ['after', 'prune', 'delete ConfigMap capacity-report'],
  ['before', 'emptied', 'push'],
  ['amid', 'mended', 'delete NetworkPolicy weka-drivers-dist'],
  ['after', 'suspended', 'apply ConfigMap w-ID-suspend'],
  ['before', 'resumed', 'delete ConfigMap w-ID-suspend'],
];

/** Each plays the whole story, beside the others. */
const STORY_MS = 180_000;

describe.concurrent('a process that dies', { timeout: STORY_MS }, () => {
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

/** The sweep has each write, before and after, and the push. */
const RUN_SAMPLE: readonly (readonly [RunPoint['moment'], string])[] = [
  ['before', 'PATCH made'],
  ['after', 'PATCH changed'],
  ['after', 'DELETE pruned'],
  ['before', 'push'],
  ['after', 'push'],
];

describe('run that dies', () => {
  it.each(RUN_SAMPLE)('%s a call is followed by the next one: %s', async (moment, call) => {
    const at = call === 'push' ? call : (await runWrites(ground)).indexOf(call) + 1;
    expect(at).not.toBe(0);
    const { differences } = await runTrial(ground, await calmEnd(ground), { at, moment });
    expect(differences).toEqual([]);
  });

  it.each(LEASE_SAMPLE)('$moment it could $write its lease is followed by the next one', async (point) => {
    const { differences } = await leaseTrial(ground, await calmEnd(ground), point);
    expect(differences).toEqual([]);
  });
});
