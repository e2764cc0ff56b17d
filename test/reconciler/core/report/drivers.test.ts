import { describe, expect, it } from 'vitest';
import { Plan } from '../../../../schemas/output/plan.ts';
import { Report } from '../../../../schemas/output/report.ts';
import { Status } from '../../../../schemas/output/status.ts';
import { DriversLock } from '../../../../reconciler/core/drivers/lock.ts';
import type { DriversSeen } from '../../../../reconciler/core/drivers/drivers.ts';
import { boundedReport, boundedStatus } from '../../../../reconciler/core/report/bounded.ts';
import { driversOutput } from '../../../../reconciler/core/report/drivers-output.ts';
import { planHtml, reportHtml, statusHtml } from '../../../../reconciler/core/report/html.ts';
import { planOutput, reportOutput, statusOutput } from '../../../../reconciler/core/report/json.ts';
import { planMarkdown, reportMarkdown, statusMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { planComment } from '../../../../reconciler/core/review/plan-comment.ts';
import { statusCommit } from '../../../../reconciler/core/report/status-page.ts';
import { planText, reportText, statusText } from '../../../../reconciler/core/report/terminal.ts';
import { aFrame, planned } from '../review/frames.ts';
import {
  aCell,
  aDriverNode,
  aDriversReport,
  aPackage,
  aTarget,
  KERNEL,
  NEW,
  nodeNames,
  OLD,
  OTHER_KERNEL,
  someDrivers,
} from './driver-samples.ts';
import { anAssessment, aReport } from './samples.ts';

const NOW = new Date('2026-11-25T18:04:12Z');
const WIDE = { colour: false, width: 110 };

function status(drivers: DriversSeen): Status {
  return statusOutput(anAssessment({ drivers }), NOW);
}

/** Plan, report and status in all their forms. */
function everyForm(drivers: DriversSeen): readonly string[] {
  const plan = planOutput(anAssessment({ drivers }));
  const report = reportOutput(aReport({ drivers }));
  const seen = status(drivers);
  return [
    planText(plan, WIDE),
    reportText(report, WIDE),
    statusText(seen, WIDE),
    planMarkdown(plan),
    reportMarkdown(report),
    statusMarkdown(seen),
    planHtml(plan),
    reportHtml(report),
    statusHtml(seen),
  ];
}

describe('drivers', () => {
  it('are a table of builds on a terminal, and below it what is in the way', () => {
    expect(statusText(status(someDrivers()), WIDE)).toContain(
      `Drivers: 65 nodes, 61 loaded, 3 without a package, 1 refused
Version    Kernel            Nodes                               State      Loaded
4.4.5.118  6.8.0-45-generic  node-1, node-2, node-3 and 59 more  pre-built  61 of 62
4.4.5.118  6.8.0-47-generic  node-63 and node-64                 building   0 of 2
4.4.5.118  6.11.0-9-generic  node-1                              coming
4.4.2.157  5.14.0-custom     node-x                              failed     0 of 1

  !   4.4.2.157 for 5.14.0-custom  failed, COMPILE
      The compiler ended with exit code 2.
      Hint: Read its last lines; name an image with the tools of that kernel in builderImageOverride, give
      flags in extraBuildArgs, or go to a version of WEKA that knows the kernel.
        make[1]: Entering directory
        wekafsgw.c:17:10: fatal error: 'linux/fs.h' not found
        make: *** [all] Error 2
  !   node-7  refused, IN_USE
      wekafsio of 4.4.2.157 is in use.
      Used by: mount /mnt/weka, process 4711 (weka-client)
      Hint: Unmount /mnt/weka.
  !   node-64  asked for several versions
      4.4.5.118 for WekaCluster weka/demo comes first: a node has one version. WekaClient weka/clients wants
      4.4.2.157.
`,
    );
  });

  it('fit a narrow terminal', () => {
    const text = statusText(status(someDrivers()), { colour: false, width: 60 });
    expect(text).toContain(`
Version    Kernel            Nodes     State      Loaded
4.4.5.118  6.8.0-45-generic  62 nodes  pre-built  61 of 62
4.4.5.118  6.8.0-47-generic  2 nodes   building   0 of 2
`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('are told by plan, report and status, as text, in Markdown and as a page', () => {
    for (const text of everyForm(someDrivers())) {
      expect(text).toContain('Drivers: 65 nodes, 61 loaded, 3 without a package, 1 refused');
      for (const word of ['6.8.0-47-generic', 'building', '61 of 62', 'COMPILE', 'IN_USE', 'Error 2'])
        expect(text).toContain(word);
    }
  });

  it('are tables in Markdown', () => {
    const markdown = statusMarkdown(status(someDrivers()));
    expect(markdown).toContain(
      '| `4.4.5.118` | `6.8.0-45-generic` | node-1, node-2, node-3 and 59 more | pre-built | 61 of 62 |',
    );
    expect(markdown).toContain(
      '| `node-7` | refused, `IN_USE` | wekafsio of 4.4.2.157 is in use.<br>Used by: mount /mnt/weka, process 4711 (weka-client)<br>Hint: Unmount /mnt/weka. |',
    );
    expect(markdown).toContain('\nmake: *** [all] Error 2\n```');
  });

  it('are part of the comment on a pull request', () => {
    const comment = planComment(planned({ drivers: someDrivers() }), aFrame());
    expect(comment?.text).toContain('#### Drivers: 65 nodes, 61 loaded, 3 without a package, 1 refused');
    expect(comment?.text).toContain('| `4.4.5.118` | `6.8.0-47-generic` | node-63 and node-64 | building |');
  });

  it('are in the JSON that its schemas describe', () => {
    const drivers = someDrivers();
    const written = (output: object): unknown => JSON.parse(JSON.stringify(output));
    const plan = Plan.parse(written(planOutput(anAssessment({ drivers }))));
    const report = Report.parse(written(reportOutput(aReport({ drivers }))));
    expect(plan.drivers).toEqual(Status.parse(written(status(drivers))).drivers);
    expect(report.drivers).toEqual(plan.drivers);
    expect(plan.drivers).toMatchObject({
      nodes: 65,
      progress: { loaded: 61, refused: 1, 'no-package': 3 },
      pinned: 1,
      holdUps: [{ state: 'refused', code: 'IN_USE', nodes: { total: 1, names: ['node-7'] } }],
    });
    expect(plan.drivers?.cells[0]).toMatchObject({ version: NEW, kernel: KERNEL, loaded: 61 });
  });

  it('are nowhere where nobody asks for any', () => {
    const none = statusOutput(anAssessment(), NOW);
    expect('drivers' in none).toBe(false);
    for (const text of [statusText(none, WIDE), statusMarkdown(none), statusHtml(none)])
      expect(text).not.toContain('Drivers');
    const builderOnly = { cells: [], nodes: [], lock: [] };
    expect('drivers' in status(builderOnly)).toBe(false);
    const { files = [] } =
      statusCommit(aReport({ drivers: builderOnly }), [], { now: NOW, history: 3 }) ?? {};
    expect(files.map(({ path }) => path)).not.toContain('drivers.lock');
  });

  it.each([
    ['the architecture that is not usual', { architecture: 'aarch64' }, '6.8.0-45-generic (aarch64)'],
    ['the build id', { buildId: 'ubuntu24.04' }, '6.8.0-45-generic (ubuntu24.04)'],
  ])('show %s beside the kernel', (_, rest, words) => {
    const target = aTarget(NEW, KERNEL, rest);
    const drivers = { cells: [aCell('built', target, ['a'])], nodes: [aDriverNode('a', target)], lock: [] };
    expect(statusText(status(drivers), WIDE)).toContain(words);
    expect(statusText(status(drivers), WIDE)).toContain('Drivers: 1 node, all loaded');
  });

  it('name their services only where there are several', () => {
    const one = aCell('built', aTarget(), ['a']);
    const other = aCell('built', aTarget(), ['b'], { service: { key: 'https://dist.example', url: 'x' } });
    const nodes = [aDriverNode('a', aTarget()), aDriverNode('b', aTarget())];
    expect(statusText(status({ cells: [one], nodes, lock: [] }), WIDE)).not.toContain('weka/dist');
    const text = statusText(status({ cells: [one, other], nodes, lock: [] }), WIDE);
    expect(text).toMatch(/^4\.4\.5\.118 .* 1 of 1 {2}https:\/\/dist\.example$/m);
    expect(text).toMatch(/^4\.4\.5\.118 .* 1 of 1 {2}weka\/dist$/m);
  });
});

describe('how far a node is', () => {
  const target = aTarget();
  const progress = (node: DriversSeen['nodes'][number], cell = aCell('built', target, ['a'])) =>
    Object.keys(driversOutput({ cells: [cell], nodes: [node], lock: [] }).progress);

  it('is told by its report on the very package that it shall have', () => {
    expect(progress(aDriverNode('a', target))).toEqual(['loaded']);
    const other = aDriversReport(target, {}, aPackage(target, '6').sha256);
    expect(progress(aDriverNode('a', target, { report: other }))).toEqual(['asked']);
    const failed = aDriversReport(target, { state: 'failed', code: 'DIGEST' });
    expect(progress(aDriverNode('a', target, { report: failed }))).toEqual(['failed']);
    const older = aDriversReport(target, { state: 'failed' }, aPackage(target, '6').sha256);
    const { loaded } = aDriversReport(target);
    expect(progress(aDriverNode('a', target, { report: { ...older, loaded } }))).toEqual(['loaded']);
  });

  it('is without a package while there is none, whatever it has loaded', () => {
    expect(progress(aDriverNode('a', target), aCell('building', target, ['a']))).toEqual(['no-package']);
  });

  it('is unknown where nobody knows what it shall have, or no report counts', () => {
    expect(progress(aDriverNode('a', undefined, { why: 'No agent runs on a.' }))).toEqual(['unknown']);
    expect(progress({ node: 'a', target, why: 'No agent runs on a.' })).toEqual(['unknown']);
    expect(progress({ node: 'a', target })).toEqual(['asked']);
  });

  it('waits where it is asked for nothing new, for a reason', () => {
    const other = aDriversReport(target, {}, aPackage(target, '6').sha256);
    expect(progress(aDriverNode('a', target, { report: other, why: 'Manifests have errors.' }))).toEqual([
      'waiting',
    ]);
  });

  it('is told by the vendor’s command where the agent leaves the rest to that', () => {
    const report = aDriversReport(target, { state: 'vendor' });
    const left = (load?: DriversSeen['nodes'][number]['load']) =>
      aDriverNode('a', target, { report, ...(load !== undefined && { load }) });
    expect(progress(left())).toEqual(['vendor']);
    expect(progress(left({ phase: 'running' }))).toEqual(['vendor']);
    expect(progress(left({ phase: 'waiting', why: 'It cannot be scheduled.' }))).toEqual(['waiting']);
    const result = {
      schemaVersion: 1,
      result: 'loaded',
      package: aPackage(target),
      node: 'a',
      bootId: 'b',
    } as const;
    expect(progress(left({ phase: 'ended', result }))).toEqual(['loaded']);
    const failure = {
      schemaVersion: 1,
      result: 'failed',
      code: 'VENDOR_INSTALL',
      message: 'It failed.',
    } as const;
    const failed = left({ phase: 'ended', result: { ...failure, lastLines: ['insmod: error'] } });
    const seen = { cells: [aCell('built', target, ['a'])], nodes: [failed], lock: [] };
    expect(progress(failed)).toEqual(['failed']);
    expect(statusText(status(seen), WIDE)).toContain(`  !   a  failed, VENDOR_INSTALL
      It failed.
      Hint: Read its last lines, and what the kernel log of the node says (dmesg).
        insmod: error
`);
  });
});

describe('drivers of ten thousand nodes', () => {
  const target = aTarget();
  const names = nodeNames(10_000);
  const unreachable = aDriversReport(target, {
    state: 'failed',
    code: 'UNREACHABLE',
    message: 'Nothing answers at https://10.96.0.7:60002.',
  });
  const many: DriversSeen = {
    cells: [
      aCell('built', target, names),
      ...Array.from({ length: 300 }, (_, n) =>
        aCell(n === 299 ? 'missing' : 'built', aTarget(OLD, `5.10.${n}`), [`other-${n}`], {
          why: n === 299 ? 'Nothing builds it.' : 'w'.repeat(400),
        }),
      ),
    ],
    nodes: names.map((name, at) => aDriverNode(name, target, at % 3 === 0 ? { report: unreachable } : {})),
    lock: [],
  };

  it('take little room, and name the first few', () => {
    const output = boundedStatus(status(many));
    expect(JSON.stringify(output.drivers).length).toBeLessThan(64_000);
    expect(output.drivers?.holdUps).toMatchObject([{ code: 'UNREACHABLE', nodes: { total: 3334 } }]);
    expect(output.drivers?.omitted?.cells).toBe(241);
    const text = statusText(output, WIDE);
    expect(text).toContain('node-1, node-4, node-7 and 3331 more');
    expect(text).toContain('… and 241 more builds: too much to list.');
    expect(text).not.toContain('node-5000');
  });

  it('leave out what needs nobody', () => {
    const { cells } = driversOutput(many);
    expect(cells.some(({ state }) => state === 'missing')).toBe(true);
    expect(cells).toHaveLength(60);
  });

  it('fit into a comment, and into a file of the history', () => {
    for (const limit of [65_536, 5000, 1000]) {
      const markdown = planMarkdown(planOutput(anAssessment({ drivers: many })), limit);
      expect(markdown.length).toBeLessThanOrEqual(limit);
    }
    expect(planMarkdown(planOutput(anAssessment({ drivers: many })), 5000)).toContain('cut are');
    const { drivers } = boundedReport(reportOutput(aReport({ drivers: many })));
    expect(JSON.stringify(drivers).length).toBeLessThan(24_000);
    expect((drivers?.cells.length ?? 0) + (drivers?.omitted?.cells ?? 0)).toBe(301);
  });

  it('keep last lines of builds out of the history', () => {
    const { drivers } = boundedReport(reportOutput(aReport({ drivers: someDrivers() })));
    expect(JSON.stringify(drivers)).not.toContain('make');
    expect(drivers?.omitted).toBeUndefined();
  });
});

describe('names of any origin', () => {
  it('can neither repaint a terminal nor leave a page', () => {
    const evil = '\u001b[2J<script>|@all\n\u202e`';
    const target = aTarget(evil, evil, { architecture: evil, buildId: evil });
    const report = aDriversReport(target, { state: 'refused', message: evil, hint: evil, users: [evil] });
    const drivers: DriversSeen = {
      cells: [
        aCell('failed', target, [evil], { code: evil, why: evil, hint: evil, lastLines: [evil] }),
        aCell('built', aTarget(), ['b'], { service: { key: evil, url: evil } }),
      ],
      nodes: [
        aDriverNode('b', aTarget(), { report: { ...report, wanted: aDriversReport(aTarget()).wanted } }),
        aDriverNode(evil, target, { against: [evil], owner: evil }),
        aDriverNode(evil, undefined, { why: evil }),
      ],
      lock: [],
      unread: evil,
    };
    for (const text of everyForm(drivers)) {
      expect(text).not.toMatch(/\u001b|\u202e/);
      expect(text).not.toContain('<script>|@all\n');
    }
    expect(statusHtml(status(drivers))).not.toContain('<script>');
  });

  it('hide what looks like a secret in what a compiler printed', () => {
    const lastLines = ['export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'];
    const cell = aCell('failed', aTarget(), ['a'], { lastLines });
    for (const text of everyForm({ cells: [cell], nodes: [], lock: [] }))
      expect(text).not.toContain('wJalrXUtnFEMI');
  });
});

describe('drivers on the status branch', () => {
  type Tip = Parameters<typeof statusCommit>[1];
  const commit = (drivers: DriversSeen | undefined, tip: Tip, rest: Parameters<typeof aReport>[0] = {}) =>
    statusCommit(aReport({ ...rest, ...(drivers !== undefined && { drivers }) }), tip, {
      now: NOW,
      history: 3,
    });
  const textOf = (path: string, tip: Tip) => tip.find((file) => file.path === path)?.text;
  const filesAfter = (drivers: DriversSeen, tip: Tip = []) => commit(drivers, tip)?.files ?? [];

  it('are on its page, with the pinned packages in a file beside it', () => {
    const files = filesAfter(someDrivers());
    expect(textOf('README.md', files)).toContain(
      '1 package pinned by SHA-256: [drivers.lock](drivers.lock).',
    );
    const lock = DriversLock.parse(JSON.parse(textOf('drivers.lock', files) ?? ''));
    expect(lock.packages).toEqual(someDrivers().lock);
    expect(textOf('status.json', files)).toContain('"holdUps"');
  });

  it('are in that file also where it is in doubt which of several is pinned', () => {
    const { lock: doubtful, ...rest } = someDrivers();
    const files = filesAfter({ ...rest, lock: [], doubtful });
    const lock = DriversLock.parse(JSON.parse(textOf('drivers.lock', files) ?? ''));
    expect(lock).toEqual({ schemaVersion: 1, packages: [], doubtful });
  });

  it('keep the file while nobody asks for drivers', () => {
    const files = filesAfter(someDrivers());
    const after = commit(undefined, files)?.files ?? [];
    expect(textOf('drivers.lock', after)).toBe(textOf('drivers.lock', files));
    expect(textOf('README.md', after)).not.toContain('Drivers:');
  });

  it('are no news where only words change, and news where a build, a node or a pin does', () => {
    const seen = someDrivers();
    const files = filesAfter(seen);
    const [first, ...others] = seen.cells;
    const told = { ...seen, cells: [{ ...first!, why: 'It took 31 s.', lastLines: ['other'] }, ...others] };
    expect(commit(seen, files)).toBeUndefined();
    expect(commit(told, files)).toBeUndefined();
    const built = {
      ...seen,
      cells: [first!, { ...others[0]!, state: 'built' as const }, ...others.slice(1)],
    };
    expect(commit(built, files)).toBeDefined();
    const loaded = {
      ...seen,
      nodes: seen.nodes.map((node) => (node.node === 'node-7' ? aDriverNode('node-7', node.target) : node)),
    };
    expect(commit(loaded, files)).toBeDefined();
    expect(commit({ ...seen, lock: [] }, files)).toBeDefined();
  });

  it('are told once, however often what failed is tried again', () => {
    const target = aTarget();
    const seen = (state: 'failed' | 'building', rest = {}): DriversSeen => ({
      cells: [aCell(state, target, ['a'], state === 'failed' ? { code: 'COMPILE', ...rest } : {})],
      nodes: [aDriverNode('a', target)],
      lock: [],
    });
    const begun = filesAfter(seen('building'));
    const failed = commit(seen('failed'), begun)?.files ?? [];
    expect(failed).not.toEqual([]);
    expect(commit(seen('building'), failed)).toBeUndefined();
    expect(commit(seen('failed'), failed)).toBeUndefined();
    expect(commit(seen('failed', { code: 'NO_HEADERS' }), failed)).toBeDefined();
  });

  it('are told once, however often nodes that failed try again', () => {
    const target = aTarget();
    const seen = (...states: readonly ('failed' | 'working' | 'loaded' | 'waiting')[]): DriversSeen => ({
      cells: [aCell('built', target, ['a', 'b'])],
      nodes: states.map((state, at) =>
        aDriverNode('ab'.charAt(at), target, {
          report: aDriversReport(target, { state, ...(state === 'failed' && { code: 'UNREACHABLE' }) }),
        }),
      ),
      lock: [],
    });
    const working = filesAfter(seen('working', 'working'));
    const failed = filesAfter(seen('failed', 'failed'), working);
    expect(failed).not.toEqual([]);
    expect(commit(seen('working', 'failed'), failed)).toBeUndefined();
    expect(commit(seen('working', 'working'), failed)).toBeUndefined();
    const half = filesAfter(seen('loaded', 'working'), failed);
    expect(textOf('status.json', half)).toContain('"loaded": 1');
    expect(commit(seen('loaded', 'loaded'), half)).toBeDefined();
  });

  it('are told once where nodes that are held up differ in nothing but their architecture', () => {
    const targets = [aTarget(), aTarget(NEW, KERNEL, { architecture: 'aarch64' })];
    const seen: DriversSeen = {
      cells: targets.map((target, at) => aCell('built', target, ['ab'.charAt(at)])),
      nodes: targets.map((target, at) =>
        aDriverNode('ab'.charAt(at), target, {
          report: aDriversReport(target, { state: 'failed', code: 'DIGEST' }),
        }),
      ),
      lock: [],
    };
    const files = filesAfter(seen);
    expect(commit(seen, files)).toBeUndefined();
  });

  it('are told by every tenth of many nodes', () => {
    const target = aTarget();
    const names = nodeNames(100);
    const seen = (loaded: number): DriversSeen => ({
      cells: [aCell('built', target, names)],
      nodes: names.map((name, at) =>
        aDriverNode(
          name,
          target,
          at < loaded ? {} : { report: aDriversReport(target, { state: 'working' }) },
        ),
      ),
      lock: [],
    });
    const files = filesAfter(seen(20));
    expect(commit(seen(29), files)).toBeUndefined();
    expect(commit(seen(30), files)).toBeDefined();
    expect(commit(seen(100), filesAfter(seen(99)))).toBeDefined();
  });

  it('stand as they were known last where nodes could not be read for the moment', () => {
    const nodes = { unread: 'No answer.', isPassing: true };
    const files = filesAfter(someDrivers());
    // Without nodes nobody knows which builds there have to be.
    const unread: DriversSeen = { ...someDrivers(), cells: [], nodes: [], unread: 'No answer.' };
    expect(commit(unread, files, { nodes })).toBeUndefined();
    expect(commit(unread, files, { nodes: { ...nodes, isPassing: false } })).toBeDefined();
  });

  it('of another kernel are news', () => {
    const target = aTarget(NEW, OTHER_KERNEL);
    const files = filesAfter(someDrivers());
    const more = { ...someDrivers(), cells: [...someDrivers().cells, aCell('coming', target, ['node-2'])] };
    expect(commit(more, files)).toBeDefined();
  });
});
