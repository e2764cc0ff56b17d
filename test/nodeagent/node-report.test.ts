import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { observeNode } from '../../nodeagent/host/observe-node.ts';
import { nodeReport, packFitting, packReport, unpackReport } from '../../nodeagent/node-report.ts';
import { NodeReport } from '../../schemas/node-report.ts';
import { fakeHost, fakeRoot } from './fake-root.ts';
import { STORAGE_NODE } from './storage-node.ts';

async function parts() {
  const observed = await observeNode(fakeHost(await fakeRoot(STORAGE_NODE)));
  return { node: 'node-a', agentVersion: '0.1.0', intentGeneration: 7, observed };
}

describe('nodeReport', () => {
  it('says which intent it answers, and is read back as it was written', async () => {
    const report = nodeReport(await parts());
    expect(report).toMatchObject({ schemaVersion: 1, node: 'node-a', intentGeneration: 7 });
    expect(NodeReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('has the same bytes for the same observation, in whatever order it came', async () => {
    const given = await parts();
    const reversed = Object.fromEntries(Object.entries(given.observed).toReversed()) as typeof given.observed;
    const one = packReport(nodeReport(given));
    const other = packReport(nodeReport({ ...given, observed: reversed }));
    expect(Buffer.from(other).equals(Buffer.from(one))).toBe(true);
    expect(JSON.parse(gunzipSync(one).toString())).toMatchObject({ node: 'node-a' });
  });

  it('makes a field unknown that is beyond its bounds, and leaves the others', async () => {
    const { observed, ...rest } = await parts();
    const headers = Array.from({ length: 300 }, (_, index) => `5.15.${index}`);
    const report = nodeReport({ ...rest, observed: { ...observed, headers } });
    expect(report.observed.headers).toEqual({ unknown: expect.stringContaining('more than 256 elements') });
    expect(report.observed.kernel).toEqual(observed.kernel);
  });
});

describe('unpackReport', () => {
  it('gives nothing for what is no report of this version', () => {
    const packed = (value: unknown) => gzipSync(JSON.stringify(value));
    for (const bytes of [
      Buffer.from('no gzip'),
      packed('x'),
      packed({ schemaVersion: 2 }),
      gzipSync(Buffer.alloc(9 << 20)),
      gzipSync(`{"schemaVersion":1,"odd":[${'{},'.repeat(300_000)}{}]}`),
    ]) {
      expect(unpackReport(bytes)).toBeUndefined();
    }
  });
});

describe('packReport', () => {
  it('refuses a report that a ConfigMap would not take, and says what makes it large', async () => {
    const { observed, ...rest } = await parts();
    const noise = () => randomBytes(96).toString('base64');
    const parameters = Array.from({ length: 100 }, () => ({ name: noise().slice(0, 20), value: noise() }));
    const modules = Array.from({ length: 150 }, (_, index) => ({
      name: `m${index}`,
      state: 'live' as const,
      inUse: 'no' as const,
      usedBy: [],
      parameters,
    }));
    // Without repetition, which gzip would find.
    const distinct = modules.map((module) => ({
      ...module,
      parameters: parameters.map(({ name }) => ({ name, value: noise() })),
    }));
    const report = nodeReport({ ...rest, observed: { ...observed, modules: distinct } });
    expect(() => packReport(report)).toThrow(
      expect.objectContaining({
        code: 'REPORT_TOO_LARGE',
        message: expect.stringMatching(
          /^The report of node node-a has \d+ KiB packed, more than the 900 KiB/,
        ),
        hint: expect.stringMatching(/^Reduce modules on the node/),
      }),
    );
    const fitting = packFitting(report);
    expect(fitting.report.observed).toEqual({
      ...report.observed,
      modules: { unknown: expect.stringMatching(/^The report of node node-a has \d+ KiB packed/) },
    });
    expect(unpackReport(fitting.packed)).toEqual(fitting.report);
    expect(packReport(nodeReport({ ...rest, observed: { ...observed, modules } })).length).toBeLessThan(
      900 * 1024,
    );
  });

  it('refuses what a ConfigMap would take and the reconciler would not read, and leaves that out', async () => {
    const { observed, ...rest } = await parts();
    const modules = (count: number, parameters: number, value: string) =>
      Array.from({ length: count }, (_, index) => ({
        name: `m${index}`,
        state: 'live' as const,
        inUse: 'no' as const,
        usedBy: [],
        parameters: Array.from({ length: parameters }, (__, at) => ({ name: `p${at}`, value })),
      }));
    const many = nodeReport({ ...rest, observed: { ...observed, modules: modules(1000, 200, '') } });
    const long = nodeReport({
      ...rest,
      observed: { ...observed, modules: modules(400, 100, 'x'.repeat(256)) },
    });
    for (const [report, why] of [
      [many, /^The report of node node-a has more than the 250000 values that are read\.$/],
      [long, /^The report of node node-a has \d+ KiB, more than the 8 MiB that are read\.$/],
    ] as const) {
      expect(() => packReport(report)).toThrow(
        expect.objectContaining({ code: 'REPORT_TOO_LARGE', message: expect.stringMatching(why) }),
      );
      const fitting = packFitting(report);
      expect(fitting.report.observed).toEqual({
        ...report.observed,
        modules: { unknown: expect.stringMatching(why) },
      });
      expect(unpackReport(fitting.packed)).toEqual(fitting.report);
    }
  });
});
