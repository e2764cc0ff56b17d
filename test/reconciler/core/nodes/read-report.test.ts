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

/** A report with this JSON in one field of what was observed. */
function aMapWith(field: string, json: string) {
  const marker = '"a place for it"';
  const { observed, ...rest } = aReport('node-a');
  const text = JSON.stringify({ ...rest, observed: { ...observed, [field]: JSON.parse(marker) } });
  return aPackedMap('node-a', gzipSync(text.replace(marker, () => json)));
}

/** As often as fits, with room for the rest of a report. */
function repeated(part: string, bytes: number): string {
  return part.repeat(Math.floor((bytes - (64 << 10)) / part.length));
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
      'unpacks to more than 8 MiB, and no more is read',
    ],
    [
      'millions of modules',
      aMapWith('modules', `[${repeated('{},', 8 << 20)}{}]`),
      'has more than 250000 values, and no more are read',
    ],
    [
      'millions of modules that use one',
      aMapWith('modules', `[{"usedBy":[${repeated('0,', 8 << 20)}0]}]`),
      'has more than 250000 values, and no more are read',
    ],
    [
      'millions of empty lists',
      aMapWith('odd', `[${repeated('[],', 8 << 20)}[]]`),
      'has more than 250000 values, and no more are read',
    ],
    [
      'lists in lists without end',
      aMapWith('odd', repeated('[', 8 << 20)),
      'has more than 250000 values, and no more are read',
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

  it.each([
    ['modules', `[${'{},'.repeat(100_000)}{}]`, 'has more than 2048 elements'],
    ['modules', `[{"usedBy":[${'0,'.repeat(200_000)}0]}]`, 'at 0'],
    ['headers', `[${'0,'.repeat(200_000)}0]`, 'has more than 256 elements'],
    ['networkInterfaces', `[{"addresses":[${'{},'.repeat(100_000)}{}]}]`, 'at 0'],
    ['bootId', `"${'1'.repeat(7 << 20)}"`, 'It is not as this version describes it'],
    ['cpuManager', `{"policy":"none","sharedCpus":"${'1'.repeat(7 << 20)}x"}`, 'at sharedCpus: Too big'],
    ['persistence', `{"unknown":"${'x'.repeat(7 << 20)}"}`, 'It is not as this version describes it'],
  ])('just below all bounds has %s unknown, and the rest of it counts', (field, json, why) => {
    const read = readReport('node-a', aMapWith(field, json));
    if (read.state !== 'whole') throw new Error(read.why);
    const { [field]: odd, ...others } = { ...read.report.observed } as Record<string, unknown>;
    expect(odd).toEqual({ unknown: expect.stringContaining(why) });
    expect(others).toMatchObject({ hyperThreading: 'on', memoryMiB: 515_000 });
    // What is kept of it is no larger than any.
    expect(JSON.stringify(read.brief).length).toBeLessThan(4096);
    expect(JSON.stringify(read.report).length).toBeLessThan(16_384);
  });

  it('may be nested as deeply as it likes', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify(aReport('node-a')).replace('"headers":[', `"odd":${deep},"headers":[`);
    expect(readReport('node-a', aPackedMap('node-a', gzipSync(text))).state).toMatch(/whole|damaged/);
  });
});
