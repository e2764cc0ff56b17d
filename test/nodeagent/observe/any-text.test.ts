import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseCpuInfo, parseSmtControl, threadsPerCore } from '../../../nodeagent/observe/cpu-info.ts';
import { parseCpuManagerState } from '../../../nodeagent/observe/cpu-manager.ts';
import { parseMemTotal } from '../../../nodeagent/observe/mem-info.ts';
import { parseModules } from '../../../nodeagent/observe/modules.ts';
import { parseMountInfo } from '../../../nodeagent/observe/mounts.ts';
import { numberFrom, yesNo } from '../../../nodeagent/observe/number.ts';
import { parseOsRelease } from '../../../nodeagent/observe/os-release.ts';
import { parseLockdown, parseSecureBoot } from '../../../nodeagent/observe/security.ts';
import { parseActiveMounts } from '../../../nodeagent/observe/weka-mounts.ts';
import { CpuManager, Cpus } from '../../../schemas/node/compute.ts';
import { Unknown } from '../../../schemas/node/observed.ts';
import { OperatingSystem } from '../../../schemas/node-report.ts';

const number = z.int().min(0);
const anything = z.unknown();

const PARSERS: readonly (readonly [string, (text: string) => unknown, z.ZodType])[] = [
  ['modules', parseModules, z.array(anything)],
  ['os-release', parseOsRelease, z.object({ ...OperatingSystem.shape, id: z.string() })],
  ['cpuinfo', parseCpuInfo, Cpus],
  ['threads per core', threadsPerCore, z.enum(['on', 'off'])],
  ['SMT control', parseSmtControl, z.enum(['on', 'off', 'unsupported'])],
  ['meminfo', parseMemTotal, number],
  ['mountinfo', parseMountInfo, z.array(anything)],
  ['lockdown', parseLockdown, z.enum(['none', 'integrity', 'confidentiality'])],
  ['active mounts', parseActiveMounts, number],
  ['CPU manager', parseCpuManagerState, CpuManager],
  ['number', (text) => numberFrom(0, text), number],
  ['switch', yesNo, z.enum(['yes', 'no'])],
];

/** Real lines with anything in between. */
const PIECES = [
  '\n',
  ' ',
  '\t',
  ':',
  '=',
  '"',
  '\\',
  '\\040',
  '-',
  ',',
  '{',
  '}',
  '[none]',
  '\u0000',
  '\uFFFD',
  '\u202E',
  'processor',
  'physical id',
  'core id',
  'cpu cores',
  'siblings',
  'MemTotal',
  ' kB',
  'ID',
  'VERSION',
  '__proto__',
  'loop 4096 0 - Live 0x0',
  '22 1 8:1 / / rw - ext4 x rw',
  'Active mounts',
  '1',
  'policyName',
  'defaultCpuSet',
];
const pieces = fc.constantFrom(...PIECES);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
  fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 60 }).map((parts) => parts.join('')),
);

describe('whatever the kernel says', () => {
  it.each(PARSERS)('of %s is understood, or unknown with a reason', (_, parse, schema) => {
    const form = z.union([Unknown, schema]);
    fc.assert(
      fc.property(texts, (text) => {
        expect(form.safeParse(parse(text)).error).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  it('of Secure Boot, in any bytes, is on, off or unknown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        const answer = parseSecureBoot(bytes);
        expect(answer === 'on' || answer === 'off' || typeof answer.unknown === 'string').toBe(true);
        if (bytes.length !== 5) expect(answer).toHaveProperty('unknown');
      }),
    );
  });
});
