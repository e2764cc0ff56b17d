import { describe, expect, it } from 'vitest';
import { VisitCauses } from '../../../reconciler/review/visit-causes.ts';
import { ApiError, type ApiErrorCode } from '../../../reconciler/world/kubeapi/errors.ts';
import { ForgeError, type ForgeErrorCode } from '../../../reconciler/world/forge/errors.ts';

const failed = (code: ForgeErrorCode, status?: number) => new ForgeError(code, 'No.', { status });

describe('a visit that fails', () => {
  it.each([
    ['FORGE_UNREACHABLE', undefined, 'forge'],
    ['FORGE_UNREACHABLE', 503, 'forge'],
    ['FORGE_UNREACHABLE', 500, undefined],
    ['FORGE_UNAUTHORIZED', 401, 'forge'],
    ['FORGE_RATE_LIMIT', 429, 'forge'],
    ['FORGE_FORBIDDEN', 403, undefined],
    ['FORGE_ANSWER', 200, undefined],
  ] as const)('of %s with status %s is a matter of %s', (code, status, cause) => {
    expect(new VisitCauses().of(7, failed(code, status), 0)).toBe(cause);
  });

  it.each([
    ['API_UNREACHABLE', 'api'],
    ['API_UNAVAILABLE', 'api'],
    ['API_UNAUTHORIZED', 'api'],
    // Others may fare better.
    ['API_FORBIDDEN', undefined],
    ['API_NOT_FOUND', undefined],
    ['API_CONFLICT', undefined],
  ] as const satisfies readonly (readonly [ApiErrorCode, string | undefined])[])(
    'of %s is a matter of %s',
    (code, cause) => {
      expect(new VisitCauses().of(7, new ApiError(code, 'No.'), 0)).toBe(cause);
    },
  );

  it('again and again for a forge that answers the poll is its own matter, until one was made in whole', () => {
    const causes = new VisitCauses();
    const cut = failed('FORGE_UNREACHABLE');
    expect(causes.of(7, cut, 1)).toBe('forge');
    // The forge is gone: nobody has heard of it since.
    expect(causes.of(7, cut, 2)).toBe('forge');
    causes.listed(undefined, 3);
    expect(causes.of(7, cut, 4)).toBeUndefined();
    expect(causes.of(8, cut, 5)).toBe('forge');
    causes.visited(7);
    expect(causes.of(7, cut, 6)).toBe('forge');
    causes.listed(new Set([8]), 7);
    expect(causes.of(7, cut, 8)).toBe('forge');
  });
});
