import { describe, expect, it } from 'vitest';
import { NoHeadersError } from '../../../nodeagent/build/errors.ts';

const hint = (id: string, variantId?: string) =>
  new NoHeadersError('There are none.', '6.8.0-45-generic', {
    id,
    ...(variantId === undefined ? {} : { variantId }),
  }).hint;

describe('NoHeadersError', () => {
  it('says what brings headers to each kind of system', () => {
    expect(hint('ubuntu')).toContain('linux-headers-6.8.0-45-generic');
    expect(new NoHeadersError('There are none.', '6.8.0-45-generic').hint).toBe(hint('ubuntu'));
    for (const coreOs of [hint('rhcos'), hint('rhel', 'coreos')]) {
      expect(coreOs).toMatch(
        /^Name the driver-toolkit image of this OpenShift release as headersImage in drivers\.toolchains/,
      );
    }
    for (const id of ['cos', 'talos', 'flatcar']) {
      expect(hint(id)).toMatch(/or take packages from a registry/);
      expect(hint(id)).toContain(`nodes of ${id} have no headers`);
    }
  });
});
