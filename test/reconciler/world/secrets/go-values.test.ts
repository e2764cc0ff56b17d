import { beforeAll, describe, expect, it } from 'vitest';
import { decimalText, macText } from '../../../../reconciler/world/secrets/go-values.ts';
import { openSealed } from '../../../../reconciler/world/secrets/open-sealed.ts';
import { sopsProgram } from '../../../tools/sops/sops.ts';
import { ageKey, seal, withText } from './sealing.ts';

beforeAll(async () => {
  await sopsProgram();
}, 900_000);

/** Plain scalars that readers of YAML take differently. */
const SCALARS = [
  '0 | -0 | 7 | +7 | -7 | 1_000 | 0x1F | 0b101 | 0o17',
  '017 | 08 | 9007199254740993 | -9223372036854775808 | 1.0 | 1.50 | .5 | 5. | -.5',
  '1e3 | 1E-7 | 1e21 | 123456789012345678901234567890 | 1_0.5 | 1e-400 | true | True | FALSE',
  'yes | on | n | null | ~ | Null | .inf | -.INF | .nan',
  '+.inf | 2024-01-02 | 2024-1-2 | 2024-01-02T03:04:05Z | 2024-01-02t03:04:05.120+02:00 | 2024-01-02 03:04:05.5 | 2024-02-30 | 12:30:45 | 1.2.3',
  '-- | + | . | 0x | 0b2 | 1e | <<x | a b | 2024-01-02T3:4:5-07:00',
  '0.1_5',
].flatMap((line) => line.split(' | '));

describe('plain values', () => {
  it('count for the MAC as sops takes them, in whatever way they are written', async () => {
    const age = await ageKey();
    const list = SCALARS.map((scalar) => `    - ${scalar}\n`).join('');
    const file = await seal(`kind: Secret\nstringData:\n    a: b\nx_unencrypted:\n${list}`, { age: [age] });
    const open = async (given: typeof file) =>
      (await openSealed([given], async () => ({ age: [age.identity] }))).findings;
    expect(await open(file)).toEqual([]);

    // As somebody wrote them, and not as sops writes them again.
    const rewritten = withText(file, (text) =>
      text.replace(/x_unencrypted:\n(    +- .*\n)+/, `x_unencrypted:\n${list}`),
    );
    expect(await open(rewritten)).toEqual([]);
  });

  it('are texts where Go has no other reading', () => {
    expect(['yes', '12:30', '2024-02-30', '1e', '0x', '--'].map(macText)).toEqual([
      'yes',
      '12:30',
      '2024-02-30',
      '1e',
      '0x',
      '--',
    ]);
  });
});

describe('a number', () => {
  it.each([
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-12.5, '-12.5'],
    [-0, '-0'],
    [1.2345e22, '12345000000000000000000'],
  ])('%d is written without an exponent', (value, text) => {
    expect(decimalText(value)).toBe(text);
  });
});
