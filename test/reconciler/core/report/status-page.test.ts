import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Report as ReportOutput } from '../../../../schemas/output/report.ts';
import { Status } from '../../../../schemas/output/status.ts';
import type { CommitSha, StatusCommit, StatusFile } from '../../../../reconciler/ports.ts';
import type { Report } from '../../../../reconciler/core/report/report.ts';
import { recordedStatus, statusCommit } from '../../../../reconciler/core/report/status-page.ts';
import { aChange, aFinding, aFullReport, aReport, done, failed, health, READY } from './samples.ts';
import { PAGES } from '../review/frames.ts';
import { liveMarkdown } from './live-markdown.ts';

const NOW = new Date('2026-11-25T18:04:12Z');
const HOUR = 60 * 60 * 1000;

const later = (hours: number) => new Date(NOW.getTime() + hours * HOUR);

/** What a pass that ended at `at` adds to `tip`. */
function published(report: Report, tip: readonly StatusFile[] = [], at = NOW, history = 3): StatusCommit {
  const commit = offered(report, tip, at, history);
  if (commit === undefined) throw new Error('Nothing was published');
  return commit;
}

function offered(
  report: Report,
  tip: readonly StatusFile[],
  at = NOW,
  history = 3,
): StatusCommit | undefined {
  return statusCommit({ ...report, finishedAt: at }, tip, { now: at, history });
}

function paths({ files }: StatusCommit): readonly string[] {
  return files.map(({ path }) => path);
}

function textOf({ files }: StatusCommit, path: string): string {
  return files.find((file) => file.path === path)?.text ?? '';
}

/** A pass that created one object, and a pass after it that found everything as it should be. */
const created = aChange('create', 'v1/ConfigMap/weka/a');
const working = aReport({ changes: [created], outcomes: [done(created)] });
const idle = aReport({ changes: [aChange('keep', created.id)] });

describe('statusCommit', () => {
  it('begins with the page, the status and the pass', () => {
    const commit = published(working);
    expect(paths(commit)).toEqual(['README.md', 'status.json', 'history/20261125T180412Z-1a2b3c4.json']);
    expect(commit.message).toBe(
      `main@1a2b3c4: 1 created

Weka-Gitops-Commit: 1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d
Weka-Gitops-Plan: sha256:${'5eed'.repeat(16)}
Weka-Gitops-Clean: true
`,
    );
    expect(Status.parse(JSON.parse(textOf(commit, 'status.json'))).summary).toMatchObject({
      create: 0,
      keep: 1,
    });
    const pass = JSON.parse(textOf(commit, 'history/20261125T180412Z-1a2b3c4.json'));
    expect(ReportOutput.parse(pass).outcomes).toEqual([
      { op: 'create', target: 'v1/ConfigMap/weka/a', result: 'done' },
    ]);
  });

  it.each([
    ["Merge pull request 'Scale' (#12) from scale into main", 12],
    ['Merge pull request #12 from acme/scale', 12],
    ['Scale the web tier (#12)', 12],
    ['Scale the web tier', undefined],
    ['Undo #12, which was wrong', undefined],
  ])('links passes over "%s" to the commit and to pull request %s', (subject, number) => {
    const report = { ...working, subject };
    const commit = statusCommit(report, [], { now: NOW, history: 3, pages: PAGES });
    const page = textOf(commit!, 'README.md');
    expect(page).toContain(`[\`main@1a2b3c4\`](${PAGES.commit(report.commit)})`);
    const links = page.match(/\[`#\d+`\]\(\S+\)/g) ?? [];
    expect(links).toEqual(number === undefined ? [] : [`[\`#${number}\`](${PAGES.pullRequest(number)})`]);
    expect(textOf(published(report), 'README.md')).not.toContain('](https:');
  });

  it('says nothing while nothing but time changes', () => {
    const { files } = published(working);
    expect(offered(idle, files, later(1))).toBeUndefined();
    expect(offered({ ...idle, digest: 'sha256:other' }, files, later(23))).toBeUndefined();
  });

  it('says once a day that somebody still looks', () => {
    const { files } = published(working);
    const heartbeat = published(idle, files, later(24));
    expect(heartbeat.message.split('\n')[0]).toBe('main@1a2b3c4: as before');
    expect(paths(heartbeat)).toEqual(paths({ files } as StatusCommit));
    const status = recordedStatus(heartbeat.files);
    expect(status?.at).toBe(later(24).toISOString());
    expect(status?.lastPass?.made.created).toBe(1);
    expect(offered(idle, heartbeat.files, later(47))).toBeUndefined();
    expect(offered(idle, heartbeat.files, later(48))).toBeDefined();
  });

  it('says so every day where passes come once a day, a minute early one time and late the next', () => {
    let { files } = published(working);
    for (let day = 1; day <= 6; day++) {
      const early = day % 2 === 0 ? 1 / 60 : 0;
      files = published(idle, files, later(24 * day - early)).files;
    }
    expect(recordedStatus(files)?.at).toBe(later(6 * 24 - 1 / 60).toISOString());
  });

  it('is not kept silent by a clock that ran ahead', () => {
    const { files } = published(working, [], later(1000));
    expect(offered(idle, files, later(1))).toBeDefined();
  });

  it.each<[string, Partial<Report>]>([
    ['a new commit', { commit: 'f'.repeat(40) as CommitSha }],
    ['a finding', { findings: [aFinding({ level: 'warning' })] }],
    ['the health of an object', { health: health({ 'v1/Pod/weka/a': READY }) }],
    ['what waits', { changes: [aChange('wait', 'v1/Pod/weka/a')] }],
    ['what is refused', { changes: [aChange('refuse', 'v1/Pod/weka/a')] }],
    ['what could not be read', { unread: [{ kind: 'Pod' as never, why: 'no' }] }],
    ['why nothing is pruned', { pruneBlocked: 'the budget' }],
  ])('tells of %s, once', (_, rest) => {
    const { files } = published(working);
    const news = published({ ...idle, ...rest }, files, later(1));
    expect(paths(news).filter((path) => path.startsWith('history/'))).toHaveLength(2);
    expect(offered({ ...idle, ...rest }, news.files, later(2))).toBeUndefined();
  });

  it('tells of each pass that changed something, though all stands as before', () => {
    const drift = aChange('update', created.id, { flags: ['drift'] });
    const { files } = published(working);
    const news = published(aReport({ changes: [drift], outcomes: [done(drift)] }), files, later(1));
    expect(news.message.split('\n')[0]).toBe('main@1a2b3c4: 1 changed');
  });

  it('tells of a failure once, not at every attempt', () => {
    const broken = aReport({ changes: [created], outcomes: [failed(created, 'no')] });
    const { files, message } = published(broken);
    expect(message).toContain('main@1a2b3c4: nothing changed; 1 failed\n');
    expect(message).toContain('Weka-Gitops-Clean: false\n');
    expect(offered(broken, files, later(1))).toBeUndefined();
  });

  it('keeps the newest passes', () => {
    let files: readonly StatusFile[] = [];
    for (let hour = 0; hour < 5; hour += 1) files = published(working, files, later(hour)).files;
    expect(paths({ files } as StatusCommit).slice(2)).toEqual([
      'history/20261125T200412Z-1a2b3c4.json',
      'history/20261125T210412Z-1a2b3c4.json',
      'history/20261125T220412Z-1a2b3c4.json',
    ]);
  });

  it('keeps the pass of another writer in the same second', () => {
    const { files } = published(working);
    const both = paths(published(working, files));
    expect(both).toContain('history/20261125T180412Z-1a2b3c4.json');
    expect(both).toContain('history/20261125T180412Z-1a2b3c4-2.json');
  });

  it('leaves the files of others as they are', () => {
    const foreign = [
      { path: 'drivers.lock', text: 'lock\n' },
      { path: 'history/notes.md', text: 'ours\n' },
      { path: 'history/20261125T180412Z-1a2b3c4.json.bak', text: 'x' },
    ];
    const { files } = published(working, [...foreign, { path: 'README.md', text: 'old' }]);
    expect(files.slice(0, 3)).toEqual(foreign);
    expect(files.filter(({ path }) => path === 'README.md')).toHaveLength(1);
  });

  it.each(['', '{', '[]', '{"kind":"Status"}', '\u0000'])(
    'begins anew where status.json holds %j',
    (text) => {
      const tip = [{ path: 'status.json', text }];
      expect(recordedStatus(tip)).toBeUndefined();
      expect(recordedStatus(published(idle, tip).files)).toBeDefined();
    },
  );

  it('bounds the branch', () => {
    const changes = Array.from({ length: 5000 }, (_, n) =>
      aChange('update', `v1/ConfigMap/weka/${'long-'.repeat(20)}${n}`, {
        fields: Array.from({ length: 20 }, (__, at) => ({
          path: `data.f${at}`,
          from: 'a'.repeat(999),
          to: 'b',
        })),
      }),
    );
    const report = aReport({
      changes,
      outcomes: changes.map((change, n) => (n === 4999 ? failed(change, 'x'.repeat(9999)) : done(change))),
      findings: Array.from({ length: 2000 }, () => aFinding({ level: 'warning', message: 'x'.repeat(9999) })),
      health: health({ 'v1/Pod/weka/a': READY, 'v1/Pod/weka/b': { state: 'failed', message: 'no' } }),
    });
    const commit = published(report);
    expect(commit.keepCommits).toBe(15);
    expect(textOf(commit, 'README.md').length).toBeLessThanOrEqual(65_536);
    expect(textOf(commit, 'status.json').length).toBeLessThan(500_000);
    const text = textOf(commit, 'history/20261125T180412Z-1a2b3c4.json');
    expect(text.length).toBeLessThanOrEqual(256 * 1024);
    const pass = ReportOutput.parse(JSON.parse(text));
    expect(pass.omitted?.changes).toBe(5000 - pass.changes.length);
    expect(pass.omitted?.findings).toBe(2000 - pass.findings.length);
    expect(pass.omitted?.healthy).toBe(1);
    expect(pass.changes.length).toBeGreaterThan(0);
    // What failed is not among what is left out.
    expect(pass.outcomes[0]).toMatchObject({ result: 'failed' });
    expect(pass.summary.update).toBe(5000);
    expect(offered({ ...report, outcomes: [] }, commit.files, later(1))).toBeDefined();
  });
});

describe('README.md of the status branch', () => {
  it('shows how the cluster stands, with a picture, and the last passes', () => {
    const page = textOf(published(aFullReport()), 'README.md');
    expect(page).toContain(`\`\`\`mermaid
flowchart LR
  commit(["main@1a2b3c4"])
  subgraph area0["weka"]
    box0x0["Job format<br>failed"]:::failed
    box0x1["Deployment web<br>in progress"]:::progressing
    box0x2["DaemonSet agent<br>ready"]:::current
    box0x3["ConfigMap boot<br>ready"]:::current
    box0x4["Service web<br>ready"]:::current
  end
  commit --> area0
  subgraph area1["cluster-wide"]
    box1x0["Namespace weka<br>ready"]:::current
  end
  commit --> area1
`);
    expect(page).toContain(`#### Last passes

| Finished | Commit | What happened |
| --- | --- | --- |
| [2026-11-25 18:04:12 UTC](history/20261125T180412Z-1a2b3c4.json) | \`main@1a2b3c4\` | Scale the web tier: **not clean**, 4 changed,`);
    expect(liveMarkdown(page)).toEqual([]);
  });

  it('draws objects of one kind as one box, and no more than 24 boxes', () => {
    const ids = Array.from({ length: 30 }, (_, n) => [`v1/Pod/ns${n}/a`, `v1/Pod/ns${n}/b`]).flat();
    const states = Object.fromEntries(ids.map((id) => [id, READY]));
    const objects = health({ ...states, 'v1/Pod/ns29/b': { state: 'failed', message: 'no' } });
    const page = textOf(published(aReport({ health: objects })), 'README.md');
    expect(page).toContain('box0x0["2 × Pod<br>1 failed, 1 ready"]:::failed');
    expect(page.match(/^ +box\d+x\d+/gm)).toHaveLength(24);
    expect(page).toContain('commit -.-> more["and 6 more"]');
  });

  it('lists a pass whose file was damaged, and does not tell it', () => {
    const tip = [{ path: 'history/20261101T000000Z-abcdef0.json', text: '{' }];
    expect(textOf(published(working, tip), 'README.md')).toContain(
      '| [20261101T000000Z-abcdef0](history/20261101T000000Z-abcdef0.json) |  | This file cannot be read |',
    );
  });

  it('lets no text out of a label of the picture', () => {
    const odd = fc
      .array(
        fc.oneof(fc.constantFrom('"', '#', '`', '](', 'end', '\n', '%%', ';', '<b>', '```'), fc.string()),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(odd, odd, odd, (kind, namespace, name) => {
        const objects = health({ [`v1/${kind}/${namespace}/${name}`]: { state: 'failed', message: '' } });
        const page = textOf(published(aReport({ ref: name, health: objects })), 'README.md');
        const picture = page.split('```mermaid\n')[1]?.split('\n```\n')[0]?.split('\n') ?? [];
        const label = String.raw`"(?:[\p{L}\p{N} .,:@/_×…#;?-]|<br>)+"`;
        const lines = [
          String.raw`flowchart LR`,
          String.raw`  commit\(\[${label}\]\)`,
          String.raw`  subgraph area0\[${label}\]`,
          String.raw`    box0x0\[${label}\]:::failed`,
          String.raw`  end`,
          String.raw`  commit --> area0`,
        ];
        expect(picture.slice(0, 6).join('\n')).toMatch(new RegExp(`^${lines.join('\n')}$`, 'u'));
        expect(picture.slice(6).every((line) => line.startsWith('  classDef '))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
