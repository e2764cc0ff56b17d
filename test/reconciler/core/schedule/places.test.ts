import { expect, it } from 'vitest';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { Change } from '../../../../reconciler/core/plan/change.ts';
import { placesAgainMs } from '../../../../reconciler/core/schedule/places.ts';

const base = { id: 'v1/Pod/weka/dist' as ObjectId, fields: [], flags: [] };
const nowhere: Change = { ...base, op: 'wait', reason: 'no', placement: { how: 'nowhere', why: 'no' } };

it('a place is looked for again after a minute or so, by chance', () => {
  expect([0, 0.5, 1].map((random) => placesAgainMs([nowhere], random))).toEqual([45_000, 60_000, 75_000]);
});

it('nothing is looked at again for what waits for something else', () => {
  const allocation = { node: 'node-a', drives: [], ports: {} };
  const others: readonly Change[] = [
    { ...base, op: 'wait', reason: 'It is being deleted', placement: { how: 'kept', allocation } },
    { ...base, op: 'wait', reason: 'It needs an approval' },
    { ...base, op: 'keep', placement: { how: 'kept', allocation } },
    { ...base, op: 'refuse', reason: 'no', placement: { how: 'unknown', why: 'no' } },
  ];
  expect(placesAgainMs(others, 0.5)).toBeUndefined();
  expect(placesAgainMs([], 0.5)).toBeUndefined();
});
