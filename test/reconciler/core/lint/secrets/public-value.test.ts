import { describe, expect, it } from 'vitest';
import { isPublic } from '../../../../../reconciler/core/lint/secrets/public-value.ts';

const block = (kind: string): string => `-----BEGIN ${kind}-----\nTUlJQg==\n-----END ${kind}-----\n`;

describe('a value that is no secret', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['a certificate', block('CERTIFICATE')],
    [
      'a bundle with comments',
      `# Root of hall 1\n${block('CERTIFICATE')}\n# Another\n${block('CERTIFICATE')}`,
    ],
    ['a public key', block('PUBLIC KEY')],
  ])('is %s', (_, text) => {
    expect(isPublic(text)).toBe(true);
  });

  it.each([
    ['a word', 'example'],
    ['a private key', block('RSA PRIVATE KEY')],
    ['a certificate with its key', block('CERTIFICATE') + block('PRIVATE KEY')],
    ['a certificate with something beside it', `${block('CERTIFICATE')}password: example`],
    ['a certificate that is cut off', '-----BEGIN CERTIFICATE-----\nTUlJQg=='],
  ])('is not %s', (_, text) => {
    expect(isPublic(text)).toBe(false);
  });
});
