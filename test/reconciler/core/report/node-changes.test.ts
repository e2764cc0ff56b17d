import { describe, expect, it } from 'vitest';
import { ChangeOutput, ForecastOutput } from '../../../../schemas/output/plan.ts';
import type { Change, Risk } from '../../../../reconciler/core/plan/change.ts';
import { planHtml, reportHtml } from '../../../../reconciler/core/report/html.ts';
import { planOutput, reportOutput, statusOutput } from '../../../../reconciler/core/report/json.ts';
import { planMarkdown, reportMarkdown, statusMarkdown } from '../../../../reconciler/core/report/markdown.ts';
import { planText, reportText, statusText } from '../../../../reconciler/core/report/terminal.ts';
import { aChange, anAssessment, aReport, failed, health, READY } from './samples.ts';

const WIDE = { colour: false, width: 120 };
const LOAD = 'load WEKA drivers 4.4.5.118 for 6.8.0-45-generic';

/** What is asked of a node. */
function asked(
  node: string,
  {
    op = 'update',
    does = [LOAD],
    ...rest
  }: Partial<{ op: 'update' | 'create' | 'wait'; does: string[]; risks: Risk[]; reason: string }> = {},
): Change {
  const fields = [{ path: 'data["intent.json"]', from: '{"generation":1}', to: '{"generation":2}' }];
  const id = `v1/ConfigMap/weka-gitops-nodes/weka-node-intent-${node}`;
  return {
    ...aChange(op, id, { source: 'weka/cluster.yaml:1', fields, ...rest }),
    node: { name: node, does },
  };
}

function plan(...changes: readonly Change[]) {
  return planOutput(anAssessment({ changes }));
}

describe('what is asked of nodes', () => {
  it('is told by what they are to do, and not by the JSON for their agents', () => {
    const text = planText(plan(asked('node-a', { does: [LOAD, 'from weka/dist'] })), WIDE);
    expect(text).toContain(`Nodes: 1 to ask
  ~   node node-a: ${LOAD}  weka/cluster.yaml:1
      from weka/dist
`);
    expect(text).not.toContain('generation');
    const markdown = planMarkdown(plan(asked('node-a')));
    expect(markdown).toContain(`| \`~\` | \`node node-a\` | ${LOAD} | \`weka/cluster.yaml:1\` |`);
    const html = planHtml(plan(asked('node-a')));
    expect(html).toContain('<code class="target">node node-a</code>');
    expect(html).toContain(`<bdi>${LOAD}</bdi>`);
    expect(html).not.toContain('generation');
  });

  it('is told once for all nodes that are asked for the same', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => asked(`node-${n}`));
    const one = asked('other', { does: ['load WEKA drivers 4.4.2'] });
    const text = planText(plan(...many, one), WIDE);
    expect(text).toContain(`Nodes: 10001 to ask
  ~   nodes node-0, node-1, node-2 and 9997 more: ${LOAD}  weka/cluster.yaml:1
  ~   node other: load WEKA drivers 4.4.2  weka/cluster.yaml:1
`);
    expect(text.length).toBeLessThan(2000);
    expect(planMarkdown(plan(...many, one)).length).toBeLessThan(2000);
  });

  it('is all in the JSON, each node with its own', () => {
    const [first, second] = plan(asked('node-a'), asked('node-b')).changes;
    expect(ChangeOutput.parse(first).node).toEqual({ name: 'node-a', does: [LOAD] });
    expect(second?.target).toBe('v1/ConfigMap/weka-gitops-nodes/weka-node-intent-node-b');
  });

  it('is told once where it waits for one consent, whichever node it names', () => {
    const waits = ['node-a', 'node-b'].map((node) =>
      asked(node, {
        op: 'wait',
        reason: `It needs an Approval: drivers make way (4.4.2 for 4.4.5 on ${node})`,
        risks: [
          { name: 'kernel-module', reason: 'Drivers make way', evidence: `4.4.2 for 4.4.5 on ${node}` },
        ],
      }),
    );
    const text = planText(plan(...waits), WIDE);
    expect(text).toContain(`Waiting (2)
  …   nodes node-a and node-b: ${LOAD}  weka/cluster.yaml:1
      It needs an Approval: drivers make way (4.4.2 for 4.4.5)
      Risk kernel-module: Drivers make way (4.4.2 for 4.4.5)
`);
    const status = statusOutput(anAssessment({ changes: waits }), new Date('2026-11-25T19:00:00Z'));
    expect(statusText(status, WIDE)).toContain(`Waiting (2)
  …   nodes node-a and node-b
      It needs an Approval: drivers make way (4.4.2 for 4.4.5)
`);
    expect(statusMarkdown(status)).toContain('`nodes node-a and node-b`');
  });

  it('stays apart where the danger is another one', () => {
    const risk: Risk = {
      name: 'kernel-module',
      reason: 'Drivers make way',
      evidence: '4.4.2 for 4.4.5 on node-a',
    };
    const text = planText(plan(asked('node-a', { risks: [risk] }), asked('node-b')), WIDE);
    expect(text).toContain('  ~   node node-a: ');
    expect(text).toContain('  ~   node node-b: ');
    expect(text).toContain('(4.4.2 for 4.4.5 on node-a)');
  });

  it('is told once where its writes failed, and where its risks are listed', () => {
    const names = Array.from({ length: 100 }, (_, n) => `node-${n}`);
    const changes = names.map((name) =>
      asked(name, {
        risks: [{ name: 'kernel-module', reason: 'R', evidence: `4.4.2 for 4.4.5 on ${name}` }],
      }),
    );
    const writes = changes.filter((change) => change.op === 'update');
    const outcomes = writes.map((write) => failed(write, `${write.id} is forbidden`));
    const report = reportOutput(aReport({ changes, outcomes }));
    expect(reportText(report, WIDE)).toContain(
      'Failed (100)\n  !   nodes node-0, node-1, node-2 and 97 more',
    );
    expect(reportMarkdown(report)).toContain('`nodes node-0, node-1, node-2 and 97 more`');
    expect(reportHtml(report)).toContain('>nodes node-0, node-1, node-2 and 97 more<');
    expect(planText(plan(...changes), WIDE)).toContain(
      'kernel-module  4.4.2 for 4.4.5 on nodes node-0, node-1, node-2 and 97 more',
    );
    expect(planMarkdown(plan(...changes))).toContain(
      '**kernel-module** in 100 objects: 4.4.2 for 4.4.5 on nodes',
    );
  });

  it('is told once in a forecast, whether it is done then or waits', () => {
    const names = Array.from({ length: 100 }, (_, n) => `node-${n}`);
    const asks = planOutput(anAssessment({ changes: names.map((name) => asked(name)) }));
    const waits = asks.changes.map(({ target, node }) => ({ target, why: `It waits on ${node?.name}` }));
    const stage = asks.changes.map(({ op, target, node }) => ({
      op,
      target,
      restarts: [],
      ...(node !== undefined && { node }),
    }));
    const forecast = ForecastOutput.parse({
      settled: true,
      passes: [{ stages: [stage], waits }],
      left: waits,
      pending: waits,
      unlocks: [{ approval: 'approvals/a.yaml', passes: [{ stages: [stage], waits: [] }] }],
      unlocksLeftOut: 0,
    });
    const all = { ...asks, changes: [], forecast };
    const nodes = 'nodes node-0, node-1, node-2 and 97 more';
    const text = planText(all, WIDE);
    expect(text).toContain(`    stage 1
      ~   ${nodes}: ${LOAD}
    waits meanwhile
      …   ${nodes}
          It waits
`);
    expect(text.split(nodes)).toHaveLength(6);
    expect(text).toContain('and 100 objects still wait');
    for (const page of [text, planMarkdown(all), planHtml(all)]) {
      expect(page).toContain(LOAD);
      expect(page).not.toContain('node-3');
      expect(page).not.toMatch(/and 80 more/);
    }
  });

  it('is told by its fields where it asks for nothing new', () => {
    expect(planText(plan(asked('node-a', { does: [] })), WIDE)).toContain('data["intent.json"]');
  });

  it('has no row among the objects of a status', () => {
    const seen = health({
      'v1/ConfigMap/weka-gitops-nodes/weka-node-intent-node-a': READY,
      'v1/ConfigMap/weka/a': READY,
    });
    const status = statusOutput(anAssessment({ health: seen }), new Date('2026-11-25T19:00:00Z'));
    expect(status.objects.map(({ target }) => target)).toEqual(['v1/ConfigMap/weka/a']);
  });
});

describe('labels of nodes', () => {
  const labelled = (node: string, kernel = '6.8.0-45-generic') =>
    aChange('update', `v1/Node/${node}`, {
      source: 'weka/policy.yaml:1',
      fields: [{ path: 'metadata.labels["weka.io/kernel"]', to: kernel }],
    });

  it('are told once for all nodes that get the same', () => {
    const many = Array.from({ length: 100 }, (_, n) => labelled(`node-${n}`));
    const told = plan(...many, labelled('other', '6.11.0-9-generic'));
    const text = planText(told, WIDE);
    expect(text).toContain('  ~   nodes node-0, node-1, node-2 and 97 more  weka/policy.yaml:1\n');
    expect(text).toContain('101 to change');
    expect(text).toContain('→ "6.8.0-45-generic"');
    expect(text).toContain('  ~   v1/Node/other  weka/policy.yaml:1\n');
    expect(text).not.toContain('node-3');
    expect(planMarkdown(told)).toContain('`nodes node-0, node-1, node-2 and 97 more`');
    expect(planHtml(told)).toContain('>nodes node-0, node-1, node-2 and 97 more<');
    expect(told.changes).toHaveLength(101);
  });
});
