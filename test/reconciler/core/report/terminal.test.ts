import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findingsOutput,
  planOutput,
  reportOutput,
  statusOutput,
} from '../../../../reconciler/core/report/json.ts';
import {
  findingsText,
  planText,
  reportText,
  statusText,
} from '../../../../reconciler/core/report/terminal.ts';
import { columns } from '../../../../reconciler/core/report/layout.ts';
import type { Assessment } from '../../../../reconciler/core/report/report.ts';
import {
  aChange,
  aFinding,
  aFullAssessment,
  aFullReport,
  anAssessment,
  aReport,
  done,
  health,
  labelled,
  READY,
} from './samples.ts';
import { hostile, withTexts } from './hostile.ts';

const PLAIN = { colour: false, width: 80 };

function planned(rest: Partial<Assessment>, width = 80): string {
  return planText(planOutput(anAssessment(rest)), { colour: false, width });
}

/** The part of a text between its header and its last paragraph. */
function body(text: string): string {
  return text.split('\n\n').slice(1, -1).join('\n\n');
}

describe('planText', () => {
  it('says in one line that there is nothing to do', () => {
    expect(planned({})).toBe(
      `Plan for production at main@1a2b3c4
Jane Doe: Scale the web tier

Nothing to do: the cluster is as main@1a2b3c4 says.
`,
    );
  });

  it('shows of a changed object the changed fields only', () => {
    const change = aChange('update', 'apps/v1/Deployment/weka/web', {
      source: 'weka/web.yaml:1',
      fields: [{ path: 'spec.replicas', from: 3, to: 4 }],
    });
    expect(planned({ changes: [change, aChange('keep', 'v1/Namespace/weka')] })).toBe(
      `Plan for production at main@1a2b3c4
Jane Doe: Scale the web tier

Summary: 1 to change, 1 unchanged.

Workloads: 1 to change
  ~   apps/v1/Deployment/weka/web  weka/web.yaml:1
      spec.replicas  3 → 4

Next: weka-gitops reconcile carries out 1 change.
Digest: sha256:5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed
`,
    );
  });

  it('begins with the counts, what may go wrong and errors, and goes on stage by stage', () => {
    expect(body(planText(planOutput(aFullAssessment()), PLAIN))).toBe(
      `Summary: 2 to create, 4 to change, 1 to replace, 1 to prune, 14 unchanged; 1
refused, 1 waiting; 1 error, 1 warning.
Risks:
  restart         3 pods of Deployment weka/web, RollingUpdate, at most 1 down
                  at once
  cluster-scoped  Namespace weka: all that is in it, and who may make namespaces

Pruning is blocked: a manifest has an error; nothing is pruned before that is
mended

weka/web.yaml:12:3: error: [unknown-field]
  Deployment has no field spec.replicass.
  12 |   replicass: 4
     |   ^
  hint: Did you mean replicas?

Could not be read (1)
  ?   Ingress.networking.k8s.io  in weka
      not allowed to list ingresses

Refused: a person has to decide (1)
  !   v1/PersistentVolumeClaim/weka/data
      It may hold data, so it is never pruned: delete it by hand, or restore its
      manifest

Waiting (1)
  …   apps/v1/DaemonSet/weka/agent  weka/agent.yaml:1
      It needs v1/Secret/weka/agent, whose manifest has an error
      (weka/agent.yaml:12)

Drift to correct (1)
  ~   v1/Service/weka/web  weka/web.yaml:40, drifted
      spec.ports[port=80,protocol=TCP].targetPort  (set by kubectl-edit)
        - 9090
        + 8080

Namespaces and classes: 1 to create
  +   v1/Namespace/weka  weka/namespace.yaml:1, concerns the whole cluster

Configuration and volumes: 1 to create, 2 to change
  +   v1/Secret/weka/quay-io-robot-secret  weka/secret.yaml:1
  ~   v1/ConfigMap/weka/boot  weka/boot.yaml:1
      data["boot.sh"]
          set -e
          echo one
        - echo two
        + echo three
          exec weka
  ~   v1/Secret/weka/login  weka/login.yaml:1, values hidden
      data.password  (hidden) → (hidden)

Workloads: 1 to change, 1 to replace
  ~   apps/v1/Deployment/weka/web  weka/web.yaml:1
      Risk restart: Its pods are stopped and made again from the new template (3
      pods of Deployment weka/web, RollingUpdate, at most 1 down at once)
      spec.replicas  3 → 4
      spec.template.spec.containers[name=weka].image
        - quay.io/weka.io/weka-in-container:4.4.2.118
        + quay.io/weka.io/weka-in-container:4.4.5.118-feature-nightly
      spec.template.spec.nodeSelector["weka.io/supports-backends"]
        + "true"
  -/+ batch/v1/Job/weka/format  weka/format.yaml:1
      spec.template cannot be changed in place
      spec.template.spec.containers[name=format].args  ["a"] → ["a","b"]

To prune: no manifest asks for these any more (1)
  -   v1/ConfigMap/weka/old-settings

weka/agent.yaml:120:16: warning: [latest-tag]
  The image has no tag, so what runs depends on when it is pulled.
  120 |         image: busybox
      |                ^
  hint: Name a version, e.g. busybox:1.37.`,
    );
  });

  it('shows each WEKA cluster apart, and after them what is part of none', () => {
    const changes = [
      labelled('demo', aChange('create', 'v1/ConfigMap/weka/demo-a')),
      labelled('demo', aChange('prune', 'v1/Service/weka/demo-old')),
      labelled('demo', aChange('create', 'v1/PersistentVolume/demo-0')),
      labelled('demo', aChange('create', 'v1/ConfigMap/weka-two/demo-a')),
      aChange('create', 'v1/ConfigMap/monitoring/a'),
      labelled('second', aChange('create', 'v1/Service/weka/second')),
    ];
    const shown = body(planned({ changes: changes.filter(({ id }) => !id.includes('weka-two')) }));
    expect(shown).toBe(
      `Summary: 4 to create, 1 to prune.

WekaCluster weka/demo ──────────────────────────────────────────────────────────

Configuration and volumes: 2 to create
  +   v1/ConfigMap/weka/demo-a
  +   v1/PersistentVolume/demo-0

To prune: no manifest asks for these any more (1)
  -   v1/Service/weka/demo-old

WekaCluster weka/second ────────────────────────────────────────────────────────

Network: 1 to create
  +   v1/Service/weka/second

Other objects ──────────────────────────────────────────────────────────────────

Configuration and volumes: 1 to create
  +   v1/ConfigMap/monitoring/a`,
    );
    // Two clusters have the name, so that nobody can say which of them the volume is of.
    expect(planned({ changes }).match(/^(WekaCluster \S+|Other objects)/gm)).toEqual([
      'WekaCluster demo',
      'WekaCluster weka/demo',
      'WekaCluster weka/second',
      'WekaCluster weka-two/demo',
      'Other objects',
    ]);
  });

  it('leaves a change that is asked for in its stage, although another field of the object drifted', () => {
    const fields = [{ path: 'spec.replicas', from: 1, to: 2, manager: 'kubectl-edit' }];
    const asked = [...fields, { path: 'spec.paused', from: true, to: false }];
    const headings = (each: typeof asked | typeof fields) =>
      planned({
        changes: [aChange('update', 'apps/v1/Deployment/weka/web', { fields: each, flags: ['drift'] })],
      });
    expect(headings(fields)).toContain('\nDrift to correct (1)\n');
    expect(headings(asked)).toContain(
      '\nWorkloads: 1 to change\n  ~   apps/v1/Deployment/weka/web  drifted\n',
    );
  });

  it('ends with what to do next, and the digest', () => {
    const text = planText(planOutput(aFullAssessment()), { colour: false, width: 160 });
    expect(text.split('\n').slice(-4)).toEqual([
      '',
      'Next: mend the error above, whose objects stay as they are; weka-gitops reconcile carries out 8 changes.',
      `Digest: sha256:${'5eed'.repeat(16)}`,
      '',
    ]);
  });

  it('gives a reason once for all neighbours that have it', () => {
    const waits = ['a', 'b', 'c'].map((name) =>
      aChange('wait', `v1/ConfigMap/weka/${name}`, { reason: name === 'c' ? 'Another' : 'The same' }),
    );
    expect(body(planned({ changes: waits }))).toBe(
      `Summary: nothing to change; 3 waiting.

Waiting (3)
  …   v1/ConfigMap/weka/a
  …   v1/ConfigMap/weka/b
      The same
  …   v1/ConfigMap/weka/c
      Another`,
    );
  });

  it('takes a line for a field that is ignored, and says a brake and a block of pruning once', () => {
    const text = planned({
      findings: [
        aFinding({
          level: 'ignored',
          rule: 'ignored-field',
          message: 'It is not acted on.',
          excerpt: 'x\n^',
        }),
      ],
      brake: { state: 'frozen', reason: 'audit' },
      pruneBlocked: 'a manifest has an error',
    });
    expect(text).toMatch(/^\S+:\d+:\d+: ignored: It is not acted on\. \[ignored-field\]$/m);
    expect(text).toContain(
      'Frozen, so nothing is deleted, replaced or lost for good: audit\nPruning is blocked: a manifest has an error\n',
    );
  });

  it('uses a wider page', () => {
    const text = planText(planOutput(aFullAssessment()), { colour: false, width: 120 });
    expect(text).toContain(
      '\n      spec.ports[port=80,protocol=TCP].targetPort  9090 → 8080  (set by kubectl-edit)\n',
    );
  });

  it.each([40, 80, 120])('keeps to %i columns but for what one copies', (width) => {
    const lines = planText(planOutput(aFullAssessment()), { colour: false, width }).split('\n');
    const long = lines.filter((line) => line.length > width && !/^(\S+:\d+:\d+:|Digest: )/.test(line));
    expect(long).toEqual([]);
  });

  it('clips a long value around the place where it changed', () => {
    const lead = 'x'.repeat(1000);
    const change = aChange('update', 'v1/ConfigMap/weka/a', {
      fields: [{ path: 'data.a', from: `${lead}old`, to: `${lead}new` }],
    });
    const text = planned({ changes: [change] });
    expect(text).toContain('old\n');
    expect(text).toContain('new\n');
    expect(text.length).toBeLessThan(1500);
  });

  it('counts the fields of an object beyond the first 40', () => {
    const fields = Array.from({ length: 45 }, (_, n) => ({ path: `data.key${n}`, to: 'x' }));
    const text = planned({ changes: [aChange('update', 'v1/ConfigMap/weka/a', { fields })] });
    expect(text).toContain('      data.key39  (none) → x\n      … and 5 more fields\n');
  });
});

describe('reportText', () => {
  it('tells what was done, what failed and what it held back', () => {
    const text = reportText(reportOutput(aFullReport()), { colour: false, width: 100 });
    expect(text).toContain('Pass over production at main@1a2b3c4 (1.5 s)\n');
    expect(text).toContain(`Pruned: no manifest asks for these any more (1)
  -   v1/ConfigMap/weka/old-settings
`);
    expect(text).toContain(`Failed (1)
  !   v1/Namespace/weka  to create
      API_FORBIDDEN: not allowed to create namespaces
      hint: Give the reconciler the right to create namespaces.

Held back (1)
  …   v1/Secret/weka/quay-io-robot-secret  to create
      It needs v1/Namespace/weka, which failed
`);
    expect(text).toContain(`Not ready (2)
  !   batch/v1/Job/weka/format  failed
      Job has reached the specified backoff limit
  …   apps/v1/Deployment/weka/web  in progress
      3 of 4 replicas are ready
`);
    const paragraphs = text.split('\n\n');
    expect(paragraphs[1])
      .toBe(`Summary: 4 changed, 1 replaced, 1 pruned, 14 unchanged; 1 failed, 1 held back, 1 refused, 1 waiting;
1 error, 1 warning.`);
    expect(paragraphs.at(-1))
      .toBe(`Next: mend the error above, whose objects stay as they are; decide on what is refused; what failed
or was held back is tried again by the next pass; what could not be read is read again by the next
pass.
`);
  });

  it('says that all is done', () => {
    const change = aChange('create', 'v1/ConfigMap/weka/a');
    expect(reportText(reportOutput(aReport({ changes: [change], outcomes: [done(change)] })), PLAIN)).toBe(
      `Pass over production at main@1a2b3c4 (1.5 s)
Jane Doe: Scale the web tier

Summary: 1 created.

Created (1)
  +   v1/ConfigMap/weka/a

All that main@1a2b3c4 asks for is done.
`,
    );
  });
});

describe('statusText', () => {
  it('shows a table of all objects, what works least first', () => {
    const objects = health({
      'apps/v1/DaemonSet/weka/agent': READY,
      'apps/v1/Deployment/weka/web': { state: 'progressing', message: '3 of 4 replicas are ready' },
    });
    const status = statusOutput(anAssessment({ health: objects }), new Date('2026-11-25T18:10:00Z'));
    expect(statusText(status, PLAIN)).toBe(
      `production is as main@1a2b3c4 says
Jane Doe: Scale the web tier

Object                        State        What it says
apps/v1/Deployment/weka/web   in progress  3 of 4 replicas are ready
apps/v1/DaemonSet/weka/agent  ready        4 of 4 pods are ready

2 objects: 1 in progress, 1 ready, seen 2026-11-25 18:10:00 UTC.
No pass is recorded yet.
`,
    );
  });

  it('says what is not as it should be, and when the last pass was', () => {
    const at = new Date('2026-11-25T19:00:00Z');
    const recorded = statusOutput(aFullReport(), new Date('2026-11-25T18:04:12Z'));
    const status = statusOutput(aFullAssessment(), at, recorded);
    const text = statusText(status, { colour: false, width: 200 });
    expect(text.split('\n')[0]).toBe(
      'production is not as main@1a2b3c4 says: 2 to create, 4 to change, 1 to replace, 1 to prune; 1 failed, 1 refused, 2 waiting, 1 unread; 1 error, 1 warning',
    );
    expect(text).toContain('Failed in the last pass (1)\n  !   v1/Namespace/weka  to create\n');
    expect(text.split('\n').at(-2)).toBe(
      'Last recorded pass: 2026-11-25 18:04:12 UTC at 1a2b3c4: 4 changed, 1 replaced, 1 pruned; 1 failed, 1 held back.',
    );
  });
});

describe('findingsText', () => {
  const found = (...findings: readonly ReturnType<typeof aFinding>[]) =>
    findingsText(findingsOutput(findings, { files: 2, documents: 5 }), { colour: false, width: 100 });

  it('reads as a compiler does', () => {
    expect(found(aFinding())).toBe(
      `weka/web.yaml:12:3: error: Deployment has no field spec.replicass. [unknown-field]
  12 |   replicass: 4
     |   ^
  hint: Did you mean replicas?

Summary: 5 objects in 2 files: 1 error.
Next: mend the error above.
`,
    );
  });

  it('says that there is nothing to mend', () => {
    expect(found()).toBe('Summary: 5 objects in 2 files: no findings.\nNothing to mend.\n');
  });

  it('keeps the caret below its place in a long line, behind tabs and behind wide characters', () => {
    const caretOf = (source: string, at: number) => {
      const text = found(aFinding({ excerpt: `${source}\n${' '.repeat(at)}^` }));
      const [line = '', caret = ''] = text.split('\n').slice(1, 3);
      return { line: line.slice(7), caret: caret.slice(7).indexOf('^') };
    };
    const long = caretOf(`args: ${'x'.repeat(300)} !here ${'y'.repeat(300)}`, 307);
    expect(long.line.slice(long.caret, long.caret + 5)).toBe('!here');
    expect(long.line.length).toBeLessThanOrEqual(93);

    const tab = caretOf('\tname: web', 1);
    expect(tab).toEqual({ line: '\\tname: web', caret: 2 });
    expect(caretOf('名前: web', 4)).toEqual({ line: '名前: web', caret: 6 });
  });
});

describe('the width of a page', () => {
  it('is kept, whatever the texts, but for what one copies', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.integer({ min: 40, max: 200 }), (a, b, c, width) => {
        const { plan, report, status, findings } = withTexts(a, b, c);
        const style = { colour: false, width };
        const texts = [
          planText({ ...plan, approvals: [] }, style),
          reportText(report, style),
          statusText(status, style),
          findingsText(findings, style),
        ];
        for (const line of texts.flatMap((text) => text.split('\n'))) {
          if (/:\d+:\d+: (error|warning|ignored): |^Digest: /.test(line)) continue;
          expect({ line, fits: columns(line) <= width }).toEqual({ line, fits: true });
          expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/u);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('ends at 200 columns for prose, which nobody reads in longer lines', () => {
    const refusal = aChange('refuse', 'v1/Pod/weka/a', { reason: 'so it is '.repeat(60) });
    const lengths = planned({ changes: [refusal] }, 400)
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200);
  });
});

describe('every text', () => {
  it('has no colour unless asked for', () => {
    const plan = planOutput(aFullAssessment());
    expect(planText(plan, PLAIN)).not.toContain('\u001b');
    const coloured = planText(plan, { colour: true, width: 80 });
    expect(coloured).toContain('\u001b[32m+  \u001b[0m v1/Namespace/weka');
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(planText(plan, PLAIN));
  });

  it('shows what is hostile in names, messages and values as escapes', () => {
    const hostile = 'a\u001b[2J\u202eb\nc\u200b\u3164';
    const assessment = anAssessment({
      cluster: hostile,
      ref: hostile,
      author: hostile,
      subject: hostile,
      changes: [
        aChange('update', `v1/ConfigMap/weka/${hostile}`, {
          source: hostile,
          fields: [
            { path: `data.${hostile}`, from: hostile, to: { [hostile]: hostile }, manager: hostile },
            { path: 'data.short', from: 'a\u001b[2J', to: 'b\u202e' },
          ],
        }),
        aChange('refuse', 'v1/Pod/weka/a', { reason: hostile }),
      ],
      findings: [
        aFinding({
          file: hostile,
          message: hostile,
          hint: hostile,
          rule: hostile,
          excerpt: `${hostile}\n ^`,
        }),
      ],
      unread: [{ kind: hostile as never, namespace: hostile, why: hostile }],
      pruneBlocked: hostile,
      health: health({ [`v1/Pod/weka/${hostile}`]: { state: 'failed', message: hostile } }),
    });
    const at = new Date('2026-11-25T18:10:00Z');
    const texts = [
      planText(planOutput(assessment), PLAIN),
      reportText(reportOutput(aReport(assessment)), PLAIN),
      statusText(statusOutput(assessment, at), PLAIN),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]/u);
      expect(text).toContain('a\\u{1b}[2J\\u{202e}b');
    }
  });
});
