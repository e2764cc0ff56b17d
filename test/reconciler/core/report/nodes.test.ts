import { describe, expect, it } from 'vitest';
import { Status } from '../../../../schemas/output/status.ts';
import type { Report } from '../../../../reconciler/core/report/report.ts';
import type { NodesSeen } from '../../../../reconciler/core/nodes/nodes-seen.ts';
import { boundedStatus } from '../../../../reconciler/core/report/bounded.ts';
import { statusHtml } from '../../../../reconciler/core/report/html.ts';
import { statusOutput } from '../../../../reconciler/core/report/json.ts';
import { statusMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { statusCommit } from '../../../../reconciler/core/report/status-page.ts';
import { statusText } from '../../../../reconciler/core/report/terminal.ts';
import { aNode, factsOf } from '../lint/facts/build-facts.ts';
import { aReport as aNodeReport, aReportMap, anAgent, BOOT } from '../nodes/build-reports.ts';
import { aReport, anAssessment } from './samples.ts';

const NOW = new Date('2026-11-25T18:04:12Z');
const node = (name: string) => aNode(name, { info: { bootID: BOOT } });
const told = (name: string, rest = {}) => [anAgent(name), aReportMap(name, aNodeReport(name, {}, rest))];

function status(nodes: NodesSeen): Status {
  return statusOutput(anAssessment({ nodes }), NOW);
}

const SEEN = factsOf(node('node-a'), node('node-b'), told('node-a'));

/** What a pass adds to the branch with these files; `nodes` is what it saw. */
function commit(nodes: Report['nodes'], tip: Parameters<typeof statusCommit>[1]) {
  return statusCommit(aReport(nodes === undefined ? {} : { nodes }), tip, { now: NOW, history: 3 });
}

describe('the nodes of a status', () => {
  it('are a table on a terminal that is wide enough', () => {
    expect(statusText(status(SEEN), { colour: false, width: 200 })).toContain(
      `2 nodes, 1 told by their agents, 1 unknown
Node    Agent    Kernel            Headers  System            CPUs        Huge pages                      WEKA modules               Mounts  Free
node-a  0.1.0    6.8.0-45-generic  yes      ubuntu 24.04      64 (HT on)  12,288 of 16,384 free of 2 MiB  wekafsgw 4.4.10, wekafsio  3       320 GiB
node-b  unknown  6.8.0-45-generic  ?        Ubuntu 24.04 LTS  ?           ?                               ?                          ?       ?
? node-b: No agent runs on node-b.
`,
    );
  });

  it('are a few lines each on a narrow one', () => {
    const text = statusText(status(SEEN), { colour: false, width: 80 });
    expect(text).toContain(`node-a
    agent 0.1.0; kernel 6.8.0-45-generic; headers yes; system ubuntu 24.04; CPUs
    64 (HT on); huge pages 12,288 of 16,384 free of 2 MiB; WEKA modules wekafsgw
    4.4.10, wekafsio; mounts 3; free 320 GiB
`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('are a table in Markdown and on a page, with the reasons below', () => {
    const markdown = statusMarkdown(status(SEEN));
    expect(markdown).toContain('#### Nodes: 2 nodes, 1 told by their agents, 1 unknown');
    expect(markdown).toContain('| Node | Agent | Kernel | Headers |');
    expect(markdown).toContain('- `node-b`: No agent runs on node-b.');
    const html = statusHtml(status(SEEN));
    expect(html).toContain('<th scope="col">Huge pages</th>');
    expect(html).toContain('<li><code>node-b</code>: <bdi>No agent runs on node-b.</bdi></li>');
  });

  it('are in the JSON that its schema describes', () => {
    expect(Status.parse(JSON.parse(JSON.stringify(status(SEEN)))).nodes).toMatchObject({ total: 2, told: 1 });
  });

  it('are nowhere where no agent is about', () => {
    const none = statusOutput(anAssessment(), NOW);
    expect('nodes' in none).toBe(false);
    expect(statusText(none, { colour: false, width: 200 })).not.toMatch(/node/i);
    expect(statusMarkdown(none)).not.toContain('Nodes');
  });

  it('are told to be unread where they could not be read, for a reason that cannot leave a page', () => {
    const unread = { unread: 'No answer: <script>\u001b[2J.', isPassing: true };
    const output = statusOutput(anAssessment({ nodes: unread }), NOW);
    expect(Status.parse(output).nodes).toMatchObject({ total: 0, nodes: [] });
    const last = { ...output, nodes: { ...status(SEEN).nodes!, unread: unread.unread } };
    for (const [each, words] of [
      [output, 'nodes not read'],
      [last, '2 nodes, 1 told by their agents, 1 unknown, as known last'],
    ] as const) {
      const texts = [
        statusText(each, { colour: false, width: 200 }),
        statusMarkdown(each),
        statusHtml(each),
      ] as const;
      for (const text of texts) {
        expect(text).toContain(words);
        expect(text).toContain('The nodes could not be read: No answer: ');
        expect(text).not.toContain('\u001b');
      }
      expect(texts[2]).not.toContain('<script>');
    }
  });

  it('cannot repaint a terminal or leave a page, whatever an agent writes', () => {
    const evil = '\u001b[2J<script>|@all\n\u202e';
    const seen = factsOf(
      node('node-a'),
      anAgent('node-a'),
      aReportMap(
        'node-a',
        aNodeReport(
          'node-a',
          { os: { id: evil, versionId: evil } },
          { agentVersion: evil, intentRefused: evil },
        ),
      ),
    );
    const output = status(seen);
    for (const text of [
      statusText(output, { colour: false, width: 200 }),
      statusText(output, { colour: false, width: 60 }),
      statusMarkdown(output),
      statusHtml(output),
    ]) {
      expect(text).not.toMatch(/\u001b|\u202e/);
    }
    expect(statusHtml(output)).not.toContain('<script>');
    expect(statusText(output, { colour: false, width: 300 })).toContain(
      'Its agent does nothing of what it is asked:',
    );
  });

  it('take little room on the status branch, however many they are', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `node-${index}`);
    const output = boundedStatus(status(factsOf(names.map(node), told('node-1'))));
    expect(output.nodes).toMatchObject({ total: 2000, unknown: 1999 });
    expect(JSON.stringify(output.nodes).length).toBeLessThan(64_000);
    expect(statusMarkdown(output, 65_536).length).toBeLessThanOrEqual(65_536);
  });

  it('are news for the status branch by what they are, and not by figures that go up and down', () => {
    const seen = (free: number, secureBoot: 'told' | 'gone' = 'told') => {
      const hugePages = [{ sizeKiB: 2048, total: 4096, free }];
      const map = aReportMap('node-a', aNodeReport('node-a', { hugePages }));
      return factsOf(node('node-a'), ...(secureBoot === 'told' ? [anAgent('node-a')] : []), map);
    };
    const first = commit(seen(4096), []);
    expect(first?.files.find(({ path }) => path === 'README.md')?.text).toContain('Nodes: 1 node');
    expect(commit(seen(17), first?.files ?? [])).toBeUndefined();
    expect(commit(seen(4096, 'gone'), first?.files ?? [])?.message).toContain('main@1a2b3c4');
  });

  it('are no news where for the moment they could not be read, and no agent was about before', () => {
    const unread = { unread: 'No answer.', isPassing: true };
    const without = commit(undefined, [])?.files ?? [];
    expect(commit(unread, without)).toBeUndefined();
    expect(commit({ ...unread, isPassing: false }, without)).toBeDefined();
    const seen = commit(SEEN, [])?.files ?? [];
    expect(commit(unread, seen)).toBeUndefined();
    // It is not known from before what they were, so that they are known again is news.
    const first = commit(unread, [])?.files ?? [];
    expect(commit({ ...unread, unread: 'No answer in 3 s.' }, first)).toBeUndefined();
    expect(commit(SEEN, first)).toBeDefined();
  });
});
