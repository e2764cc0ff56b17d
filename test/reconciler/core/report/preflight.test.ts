import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../../../reconciler/core/facts/parse-facts.ts';
import { specSet } from '../../../../reconciler/core/lint/lint.ts';
import { onlyFailed } from '../../../../reconciler/core/preflight/only-failed.ts';
import { preflight } from '../../../../reconciler/core/preflight/preflight.ts';
import { jsonText } from '../../../../reconciler/core/report/json.ts';
import { preflightHtml } from '../../../../reconciler/core/report/preflight-html.ts';
import { preflightMarkdown } from '../../../../reconciler/core/report/preflight-markdown.ts';
import { preflightText } from '../../../../reconciler/core/report/preflight-text.ts';
import { Preflight } from '../../../../schemas/output/preflight.ts';
import { aNode, client, cluster } from '../lint/facts/build-facts.ts';
import { look } from '../preflight/checked.ts';
import { aDevice, factsText, type Observed, reporting } from '../preflight/fleet.ts';
import { readFiles } from '../spec/read.ts';
import { hostile } from './hostile.ts';
import { strayHtml } from './html-outline.ts';
import { liveMarkdown } from './live-markdown.ts';

const STYLE = { colour: false, width: 110 };

const MANIFESTS = [
  cluster(
    '{ nodeSelector: { weka: backend }, dynamicTemplate: { driveContainers: 4, computeContainers: 4, numDrives: 2 } }',
  ),
  client('{ nodeSelector: { weka: client }, network: { udpMode: true } }'),
].join('---\n');

const BACKEND = { labels: { weka: 'backend' } };
const BARE = { ...BACKEND, has: { 'hugepages-2Mi': '0' } };
const BARE_SEEN: Partial<Observed> = {
  hugePages: [],
  headers: [],
  cpuManager: { policy: 'none', sharedCpus: '' },
};

/** Two nodes that lack the same, one that lacks other things, a good one, a client without an agent, and one for nothing. */
const FLEET = [
  reporting('node-a', BARE_SEEN, BARE),
  reporting('node-b', BARE_SEEN, BARE),
  reporting('node-c', { xfsTools: [], networkInterfaces: [aDevice({ mtu: 1500 })] }, BACKEND),
  reporting('node-d', {}, BACKEND),
  aNode('node-e', { labels: { weka: 'client' } }),
  reporting('node-f'),
];

function over(objects: readonly (object | readonly object[])[], manifests = MANIFESTS): Preflight {
  return preflight({
    facts: parseFacts(Buffer.from(factsText(objects)), 'facts.json'),
    set: specSet(readFiles({ 'weka.yaml': manifests })),
    agentNamespace: 'weka-gitops-nodes',
    cluster: 'production',
    asks: { ref: 'main', commit: '1a2b3c4d5e6f' },
    source: 'facts.json',
    traits: { version: 'v1.36.3', podSecurity: new Map([['weka', 'privileged']]) },
    namespaces: ['weka'],
  });
}

async function expected(name: string): Promise<string> {
  return await readFile(new URL(`preflight/${name}`, import.meta.url), 'utf8');
}

describe('preflight', () => {
  it('prints what is lacking once, with its nodes and the commands that mend it', async () => {
    expect(preflightText(over(FLEET), STYLE)).toBe(await expected('lacking.txt'));
  });

  it('prints only what fails or is unknown where nothing else is asked for', async () => {
    const whole = await expected('lacking.txt');
    const printed = preflightText(onlyFailed(over(FLEET)), STYLE);
    expect(printed).not.toMatch(/^(Warnings|Passes)|node-d|network-mtu|kernel-headers  node/m);
    const lines = printed.split('\n').filter((line) => !/^(Node|node-|5 nodes)/.test(line));
    expect(lines.filter((line) => !whole.includes(line))).toEqual([]);
    expect(printed).toContain('5 nodes: 3 fail, 1 unknown, 1 passes.');
  });

  it('prints that nothing is lacking', () => {
    const fit = over([reporting('node-a', {}, { labels: { weka: 'client' } })], client());
    const lines = preflightText(fit, STYLE).split('\n');
    expect(lines[0]).toBe('production is fit for WEKA');
    expect(lines.slice(-3)).toEqual(['1 node: 1 passes.', 'Nothing is lacking.', '']);
    expect(fit.clean).toBe(true);
  });

  it('prints that nobody knows what manifests with errors ask for', () => {
    const fit = look({ manifests: client(), manifestErrors: 2 });
    const lines = preflightText(onlyFailed(fit), STYLE).split('\n');
    expect(lines[0]).toBe('production is not known to be fit for WEKA: the manifests have errors');
    expect(lines).toContain('  ?   manifests  the repository');
    const bare = preflightText(look({ manifestErrors: 1, node: { ready: false } }), { ...STYLE, width: 200 });
    expect(bare).toMatch(
      /: the manifests have errors, and the cluster itself lacks something, and 1 of 1 node /,
    );
  });

  it('says in Markdown what a comment can hold', async () => {
    const text = preflightMarkdown(over(FLEET));
    expect(text).toBe(await expected('lacking.md'));
    expect(liveMarkdown(text)).toEqual([]);
  });

  it('is a page of our own tags', () => {
    const page = preflightHtml(over(FLEET));
    expect(strayHtml(page)).toEqual([]);
    for (const text of [
      'sudo sysctl -w vm.nr_hugepages=2400',
      'No agent runs on the node.',
      'node-a and node-b',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('is JSON of its schema', () => {
    const result = over(FLEET);
    expect(Preflight.parse(JSON.parse(jsonText(result)))).toEqual(result);
  });

  it('shows texts of anybody as texts', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        const seen: Partial<Observed> = {
          os: { id: a.slice(0, 64) || 'x' },
          kernel: { release: b.slice(0, 128) || 'x', build: c.slice(0, 256), architecture: 'x86_64' },
          headers: [c.slice(0, 128)],
          networkInterfaces: [aDevice({ name: a.slice(0, 64), mtu: 1500 })],
          cpus: {
            threads: 1,
            cores: 1,
            sockets: 1,
            vendor: a.slice(0, 128),
            model: b.slice(0, 256),
            features: [],
          },
          xfsTools: { unknown: c.slice(0, 400) || 'x' },
          persistence: {
            path: a.slice(0, 256),
            exists: 'no',
            fileSystem: b.slice(0, 64),
            mountPoint: c,
            totalGiB: 1,
            freeGiB: 1,
          },
        };
        const info = { osImage: a, kernelVersion: b };
        const result = over([
          reporting('node-a', seen, { ...BACKEND, info }),
          aNode('node-b', { ...BACKEND, info: { architecture: c } }),
        ]);
        const text = preflightText(result, STYLE);
        // oxlint-disable-next-line no-control-regex
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(liveMarkdown(preflightMarkdown(result))).toEqual([]);
        expect(strayHtml(preflightHtml(result))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a fleet of 10,000 nodes', () => {
  const fleet = Array.from({ length: 10_000 }, (_, index) =>
    aNode(`node-${String(index).padStart(5, '0')}`, {
      has: { 'hugepages-2Mi': '0', memory: `${64 + (index % 97)}Gi` },
      info: { kernelVersion: `5.4.0-${index % 300}` },
    }),
  );

  it('is told in pages that somebody reads', () => {
    const result = over(fleet, client());
    const text = preflightText(result, STYLE);
    expect(text.split('\n').length).toBeLessThan(200);
    expect(text).toContain('node-00000, node-00001');
    expect(text).toContain('(10000 nodes)');
    expect(preflightMarkdown(result).length).toBeLessThanOrEqual(65_536);
    expect(preflightHtml(result).length).toBeLessThan(2_000_000);
    expect(result.nodes).toHaveLength(10_000);
  });
});
