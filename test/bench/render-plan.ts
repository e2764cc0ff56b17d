/** Renders a plan of 10,000 changes in each format, again and again, and prints how much CPU that took. */
import type { ChangeOutput, Plan } from '../../schemas/output/plan.ts';
import type { FindingOutput } from '../../schemas/output/finding.ts';
import { planHtml } from '../../reconciler/core/report/html.ts';
import { jsonText } from '../../reconciler/core/report/json.ts';
import { planMarkdown } from '../../reconciler/core/report/markdown.ts';
import { printedPlan } from '../../reconciler/core/report/printed.ts';
import { planText } from '../../reconciler/core/report/terminal.ts';

/** CPU seconds of each run, the first of which starts cold. */
export type RenderTimes = Readonly<Record<'text' | 'markdown' | 'html' | 'json', readonly number[]>>;

const CHANGES = 10_000;
const FINDINGS = 500;
const RUNS = 5;

const OPERATIONS = ['create', 'update', 'update', 'update', 'replace', 'prune', 'wait', 'refuse'] as const;
const KINDS = [
  ['v1/ConfigMap', 'config'],
  ['apps/v1/Deployment', 'workload'],
  ['v1/Service', 'network'],
] as const;

function change(n: number): ChangeOutput {
  const op = OPERATIONS[n % OPERATIONS.length]!;
  const [kind, stage] = KINDS[n % KINDS.length]!;
  const script = Array.from({ length: 30 }, (_, line) => `echo step ${line} of ${n}`).join('\n');
  return {
    op,
    target: `${kind}/weka-${n % 20}/application-${n}`,
    stage,
    ...(n % 4 === 0 && { cluster: `weka-${n % 20}/cluster-${n % 20}` }),
    fields:
      op === 'create'
        ? []
        : [
            { path: 'spec.replicas', from: n, to: n + 1 },
            {
              path: 'spec.template.spec.containers[name=weka].image',
              from: `quay.io/weka.io/weka-in-container:4.4.${n}`,
              to: `quay.io/weka.io/weka-in-container:4.5.${n}`,
              manager: 'kubectl-edit',
            },
            { path: 'data["boot.sh"]', from: script, to: script.replace('step 7', 'step seven') },
          ],
    flags: op === 'update' && n % 5 === 0 ? ['drift'] : [],
    risks:
      n % 3 === 1
        ? [{ name: 'restart', reason: 'Its pods are made again', evidence: `3 pods of application-${n}` }]
        : [],
    ...((op === 'wait' || op === 'refuse') && {
      reason: `It needs v1/Secret/weka-${n % 20}/login, which waits`,
    }),
    ...(op !== 'prune' && { source: `weka-${n % 20}/application-${n}.yaml:1` }),
  };
}

function finding(n: number): FindingOutput {
  return {
    level: (['error', 'warning', 'ignored'] as const)[n % 3]!,
    rule: 'unknown-field',
    file: `weka/application-${n}.yaml`,
    line: n + 1,
    column: 3,
    message: `Deployment has no field spec.replicass${n}.`,
    hint: 'Did you mean replicas?',
    excerpt: '  replicass: 4\n  ^',
  };
}

const changes = Array.from({ length: CHANGES }, (_, n) => change(n));
const counted = (op: ChangeOutput['op']) => changes.filter((each) => each.op === op).length;
const findings = Array.from({ length: FINDINGS }, (_, n) => finding(n));
const levels = (level: FindingOutput['level']) => findings.filter((each) => each.level === level).length;

const plan: Plan = {
  apiVersion: 'weka-gitops.dev/v1',
  kind: 'Plan',
  cluster: 'bench',
  ref: 'main',
  commit: '0'.repeat(40),
  author: 'bench',
  subject: 'bench',
  digest: `sha256:${'0'.repeat(64)}`,
  files: CHANGES,
  documents: CHANGES,
  summary: {
    create: counted('create'),
    update: counted('update'),
    replace: counted('replace'),
    prune: counted('prune'),
    keep: 0,
    refuse: counted('refuse'),
    wait: counted('wait'),
    run: 0,
    errors: levels('error'),
    warnings: levels('warning'),
    ignored: levels('ignored'),
  },
  unread: [],
  findings,
  changes,
  approvals: [],
};

function cpuSeconds(render: () => string, isWhole: (text: string) => boolean): readonly number[] {
  return Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    const text = render();
    const { user, system } = process.cpuUsage(before);
    // What leaves changes out unsaid is fast for the wrong reason.
    if (!isWhole(text)) throw new Error('A rendering is not whole.');
    return (user + system) / 1e6;
  });
}

const hasLast = (text: string) => text.includes(`application-${CHANGES - 1}`);
const times: RenderTimes = {
  text: cpuSeconds(() => planText(plan, { colour: true, width: 120 }), hasLast),
  markdown: cpuSeconds(
    () => planMarkdown(plan),
    (text) => text.length <= 65_536 && text.includes('Shortened to fit'),
  ),
  html: cpuSeconds(() => planHtml(plan), hasLast),
  json: cpuSeconds(() => jsonText(printedPlan(plan)), hasLast),
};
process.stdout.write(JSON.stringify(times));
