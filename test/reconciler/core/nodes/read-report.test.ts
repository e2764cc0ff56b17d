import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../../../reconciler/core/nodes/read-report.ts';
import { aPackedMap, aReport, aReportMap } from './build-reports.ts';

function whyOf(configMap: Readonly<Record<string, unknown>>): string {
  const read = readReport('node-a', configMap);
  return read.state === 'damaged' ? read.why : 'It is whole.';
}

describe('the ConfigMap of a report', () => {
  it('holds the report that its agent packed', () => {
    const report = aReport('node-a');
    const read = readReport('node-a', aReportMap('node-a', report));
    expect(read.state === 'whole' && read.report).toEqual(report);
  });

  it('gives the same report each time, though nothing of it is kept but what is packed', async () => {
    const read = readReport('node-a', aReportMap('node-a'));
    if (read.state !== 'whole') throw new Error(read.why);
    const first = JSON.stringify(read.report);
    // A weak reference holds until the turn in which it was made has ended.
    await new Promise(setImmediate);
    globalThis.gc?.();
    expect(JSON.stringify(read.report)).toBe(first);
  });

  it('may come from a newer agent, which says more than this version knows', () => {
    const report = { ...aReport('node-a'), later: { more: true } };
    const odd = { ...report, observed: { ...report.observed, hyperThreading: 'quadruple', fans: 4 } };
    const read = readReport('node-a', aReportMap('node-a', odd));
    expect(read.state === 'whole' && read.report.observed.hyperThreading).toEqual({
      unknown: expect.stringContaining('It is not as this version describes it'),
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['nothing', {}, 'has no report.json.gz'],
    ['another key', { binaryData: { other: '' } }, 'has no report.json.gz'],
    ['something else than bytes', { binaryData: { 'report.json.gz': 7 } }, 'has no report.json.gz'],
    ['no base64', { binaryData: { 'report.json.gz': '%%' } }, 'is not packed by gzip, or is cut off'],
    ['plain JSON', aPackedMap('node-a', Buffer.from('{}')), 'is not packed by gzip, or is cut off'],
    [
      'half of it',
      aPackedMap('node-a', gzipSync('x'.repeat(4000)).subarray(0, 20)),
      'is not packed by gzip, or is cut off',
    ],
    ['no JSON', aPackedMap('node-a', gzipSync('{"schemaVersion": 1')), 'is not the JSON that it should be'],
    ['a list', aReportMap('node-a', []), 'is not the JSON that it should be'],
    [
      'a newer schema',
      aReportMap('node-a', { ...aReport('node-a'), schemaVersion: 2 }),
      'is of schema version 2, and this program knows 1',
    ],
    ['no version', aReportMap('node-a', {}), 'is not of the form that it should have at schemaVersion'],
    [
      'a version that is no number',
      aReportMap('node-a', { ...aReport('node-a'), schemaVersion: '1' }),
      'is not of the form that it should have at schemaVersion',
    ],
    [
      'nothing observed',
      aReportMap('node-a', { ...aReport('node-a'), observed: null }),
      'is not of the form that it should have at observed',
    ],
    [
      'the report of another node',
      aReportMap('node-a', aReport('node-b')),
      'says that it is the one of node-b',
    ],
    [
      'the report of a node with an odd name',
      aReportMap('node-a', aReport('x\u001b[2J\ny')),
      'says that it is the one of x\\u{1b}[2J y',
    ],
    [
      'more than the cluster takes',
      { binaryData: { 'report.json.gz': 'A'.repeat(1_300_000) } },
      'has more than 900 KiB, and no more is read',
    ],
    [
      'a little that unpacks to a lot',
      aPackedMap('node-a', gzipSync(Buffer.alloc(64 << 20))),
      'unpacks to more than 32 MiB, and no more is read',
    ],
  ])('with %s counts for nothing, for a reason', (_, configMap, what) => {
    expect(whyOf(configMap)).toBe(`The report of node-a ${what}.`);
  });

  it('never throws, whatever bytes are in it', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ maxLength: 400 }).map((text) => gzipSync(text)),
      fc.json().map((text) => gzipSync(text)),
      fc
        .object({
          key: fc.constantFrom(
            'schemaVersion',
            'node',
            'observed',
            '__proto__',
            'constructor',
            'cpus',
            'unknown',
          ),
        })
        .map((value) => gzipSync(JSON.stringify({ ...aReport('node-a'), ...value }))),
    );
    fc.assert(
      fc.property(hostile, (packed) => {
        expect(['whole', 'damaged']).toContain(readReport('node-a', aPackedMap('node-a', packed)).state);
      }),
      { numRuns: 400 },
    );
    expect(({} as Record<string, unknown>)['schemaVersion']).toBeUndefined();
  });

  it('never throws, whatever one bit of a sound report becomes', () => {
    const sound = gzipSync(JSON.stringify(aReport('node-a')));
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(7), (at, bit) => {
        const packed = Uint8Array.from(sound);
        packed[at] = (packed[at] ?? 0) ^ (1 << bit);
        expect(['whole', 'damaged']).toContain(readReport('node-a', aPackedMap('node-a', packed)).state);
      }),
      { numRuns: 400 },
    );
  });

  it('may be nested as deeply as it likes', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify(aReport('node-a')).replace('"headers":[', `"odd":${deep},"headers":[`);
    expect(readReport('node-a', aPackedMap('node-a', gzipSync(text))).state).toMatch(/whole|damaged/);
  });
});
