import { describe, expect, it } from 'vitest';
import { Circuit } from '../../../../reconciler/world/apply/circuit.ts';
import { ApiError } from '../../../../reconciler/world/kubeapi/errors.ts';
import { LeaseLostError } from '../../../../reconciler/world/lease/errors.ts';

const timeout = (name: string) => new ApiError('API_TIMEOUT', `configmaps/${name}: no answer within 30 s.`);
const busy = (name: string) =>
  new ApiError('API_UNAVAILABLE', `configmaps/${name}: the API server answered 429.`, {
    status: 429,
    retryAfterMs: 1_000,
  });
const broken = (name: string) =>
  new ApiError('API_UNAVAILABLE', `configmaps/${name}: the API server answered 500.`, { status: 500 });

function after(...errors: readonly (Error | undefined)[]): Circuit {
  const circuit = new Circuit();
  for (const error of errors) circuit.note(error as ApiError | undefined);
  return circuit;
}

describe('the rest of a plan', () => {
  it('is given up when the API server did not answer three times in a row', () => {
    expect(after(timeout('a'), timeout('b')).reason()).toBeUndefined();
    expect(after(timeout('a'), timeout('b'), undefined, timeout('c')).reason()).toBeUndefined();
    expect(after(timeout('a'), timeout('b'), timeout('c')).reason()).toBe(
      'Nothing more was tried after 3 failures in a row: the API server did not answer in time (API_TIMEOUT)',
    );
  });

  it('is given up when the API server asks to be left alone, whatever still works, and in the same words each time', () => {
    const words =
      'Nothing more was tried: the API server answered 429, and asks its clients to wait (API_UNAVAILABLE)';
    expect(after(busy('a')).reason()).toBe(words);
    expect(after(busy('b'), undefined, undefined).reason()).toBe(words);
    expect(after(busy('c'), undefined).error?.retryAfterMs).toBe(1_000);
  });

  it('is given up when the lease is lost', () => {
    expect(after(new LeaseLostError('weka/main', 'it was deleted'), undefined).reason()).toMatch(
      /LEASE_LOST/,
    );
  });

  it('goes on where one object after the other fails by itself', () => {
    expect(after(broken('a'), broken('b'), broken('c'), broken('d')).reason()).toBeUndefined();
  });
});
