import type {
  CheckResult,
  Preflight,
  PreflightCheck,
  PreflightNode,
  PreflightProblem,
} from '../../../schemas/output/preflight.ts';
import { count, prose } from './plain.ts';
import { whereOf } from './words.ts';

/** Nodes that are named of those that have the same lack. */
const NAMES = 8;
/** Values that are told of one lack, or of one check that passed. */
const VALUES = 5;
const PASSED = 3;

export const RESULT_SYMBOLS = {
  fail: '!',
  unknown: '?',
  warn: '~',
  pass: '=',
} as const satisfies Record<CheckResult, string>;

export const RESULT_COLOURS = {
  fail: 'red',
  unknown: 'cyan',
  warn: 'yellow',
  pass: 'green',
} as const satisfies Record<CheckResult, string>;

export const RESULT_TITLES = {
  fail: 'Fails',
  unknown: 'Unknown',
  warn: 'Warnings',
  pass: 'Passes',
} as const satisfies Record<CheckResult, string>;

/** `production is fit for WEKA`, or how much of it is not. */
export function preflightTitle({ cluster, clean, problems, summary }: Preflight): string {
  const name = prose(cluster, 200);
  if (clean) return `${name} is fit for WEKA`;
  const lacking = summary.fail + summary.unknown;
  const whole = problems.filter(({ scope, result }) => scope === 'cluster' && result !== 'warn');
  const broken = whole.filter(isOfManifests);
  const parts =
    lacking === 0
      ? []
      : [`${lacking} of ${count(totalOf(summary), 'node')} ${lacking === 1 ? 'lacks' : 'lack'} something`];
  const itself = [
    ...(broken.length > 0 ? ['the manifests have errors'] : []),
    ...(whole.length > broken.length ? ['the cluster itself lacks something'] : []),
  ];
  const fails = problems.some(({ result }) => result === 'fail');
  return `${name} is not ${fails ? 'fit' : 'known to be fit'} for WEKA: ${[...itself, ...parts].join(', and ')}`;
}

function isOfManifests({ checks }: Pick<PreflightProblem, 'checks'>): boolean {
  return checks.includes('manifests');
}

/** `6 nodes: 3 fail, 1 unknown, 2 pass`. */
export function preflightSummary({ summary, idle }: Preflight): string {
  const { fail, unknown, warn, pass } = summary;
  const parts = [
    fail > 0 && `${fail} ${fail === 1 ? 'fails' : 'fail'}`,
    unknown > 0 && `${unknown} unknown`,
    warn > 0 && `${warn} with warnings`,
    pass > 0 && `${pass} ${pass === 1 ? 'passes' : 'pass'}`,
  ].filter((each) => each !== false);
  const rest =
    idle.length === 0
      ? ''
      : `; ${count(idle.length, 'node')} ${idle.length === 1 ? 'hosts' : 'host'} nothing of WEKA`;
  return `${count(totalOf(summary), 'node')}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}${rest}`;
}

function totalOf({ fail, unknown, warn, pass }: Preflight['summary']): number {
  return fail + unknown + warn + pass;
}

/** Against what the nodes were held, and what else there is to know, in sentences. */
export function preflightBasis({ asks, source, notes }: Preflight): readonly string[] {
  const against =
    asks === undefined
      ? 'Each node is held against one container of one core, since no manifests say what it is for.'
      : `Nodes are held against what ${whereOf(asks)} asks for.`;
  return [against, ...(source === undefined ? [] : [`Facts are those of ${prose(source, 300)}.`]), ...notes];
}

/** `node-a, node-b and 12 more`. */
export function namesWords(names: readonly string[], most = NAMES): string {
  const shown = names.slice(0, most).map((name) => prose(name, 100));
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** `huge-pages`, or all checks that one reason keeps from being made. */
export function checksWords({ checks }: Pick<PreflightProblem, 'checks'>): string {
  return checks.length < 2 ? checks.join('') : `${checks[0] ?? ''} and ${checks.length - 1} more checks`;
}

/** Which nodes lack it, or what else does. */
export function whoseWords({ scope, seen, checks }: PreflightProblem): string {
  if (scope === 'cluster') return isOfManifests({ checks }) ? 'the repository' : 'the cluster';
  const nodes = seen.flatMap((each) => each.nodes);
  return nodes.length > NAMES ? `${namesWords(nodes)} (${nodes.length} nodes)` : namesWords(nodes);
}

/** What there is, a line for each value, with the nodes where they differ; then what there should be. */
export function stateLines({ result, seen, needed, checks }: PreflightProblem): readonly string[] {
  const says = (value: string) => (result === 'unknown' ? value : `Has: ${value}`);
  const shown = seen
    .slice(0, VALUES)
    .map(({ value, nodes }) =>
      seen.length === 1 ? says(prose(value, 400)) : `${says(prose(value, 400))} (${namesWords(nodes, 3)})`,
    );
  const more = seen.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`… and ${count(more, 'more value')}`] : []),
    ...(needed === undefined ? [] : [`Needs: ${prose(needed, 400)}`]),
    ...(checks.length > 1 ? [`Not checked: ${checks.slice(1).join(', ')}`] : []),
  ];
}

/** `6.8.0-45-generic on 5 nodes, 5.15.0 on 1 node`. */
export function passedWords({ seen, scope }: PreflightCheck): string {
  const shown = seen
    .slice(0, PASSED)
    .map(({ value, nodes }) =>
      scope === 'cluster' ? prose(value, 200) : `${prose(value, 200)} on ${count(nodes, 'node')}`,
    );
  const more = seen.length - shown.length;
  return [...shown, ...(more > 0 ? [count(more, 'more value')] : [])].join('; ');
}

/** Nodes that are alike in what they host and lack. */
interface NodeRow {
  readonly names: readonly string[];
  readonly node: PreflightNode;
}

/** One row for nodes that are alike, the worst first. */
export function nodeRows(nodes: readonly PreflightNode[]): readonly NodeRow[] {
  const order = Object.keys(RESULT_SYMBOLS);
  const alike = Map.groupBy(nodes, ({ name: _, ...rest }) => JSON.stringify(rest));
  return [...alike.values()]
    .flatMap((its): NodeRow[] => {
      const [node] = its;
      return node === undefined ? [] : [{ node, names: its.map(({ name }) => name) }];
    })
    .toSorted((a, b) => order.indexOf(a.node.result) - order.indexOf(b.node.result));
}

/** What a row says of its nodes beside their result: `huge-pages, storage; unknown: kernel-headers`. */
export function lacksWords({ fail, unknown, warn }: PreflightNode): string {
  const some = (names: readonly string[]) =>
    names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  return [
    fail.length > 0 && some(fail),
    unknown.length > 0 && `unknown: ${some(unknown)}`,
    warn.length > 0 && `warning: ${some(warn)}`,
  ]
    .filter((each) => each !== false)
    .join('; ');
}

/** What to do next. */
export function afterPreflight({ clean, problems }: Preflight): string {
  if (clean && problems.length === 0) return 'Nothing is lacking.';
  if (clean) return 'Nothing is lacking; the warnings tell what would be better.';
  return 'Run the commands above on the nodes they name, then weka-gitops preflight again.';
}
