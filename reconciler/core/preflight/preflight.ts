import type {
  CheckResult,
  Preflight,
  PreflightCheck,
  PreflightNode,
  PreflightProblem,
} from '../../../schemas/output/preflight.ts';
import { toldBy } from '../nodes/agent-report.ts';
import { type Answer, NODE } from './answer.ts';
import {
  type ClusterCheck,
  type ClusterTraits,
  isAbout,
  type NodeCheck,
  type NodeSubject,
  type ReportedSubject,
} from './check.ts';
import { CLUSTER_CHECKS, NODE_CHECKS } from './checks.ts';
import { unreported } from './checks/node-agent.ts';
import { demandsOf } from './demand.ts';
import { hostWords } from './hosted.ts';
import { type Asked, subjectsOf } from './subjects.ts';

interface PreflightOptions extends Asked {
  readonly cluster: string;
  readonly traits: ClusterTraits;
  readonly namespaces: readonly string[];
  /** Errors of the manifests; unset where there is no repository. */
  readonly manifestErrors?: number | undefined;
  readonly source?: string | undefined;
  readonly asks?: Preflight['asks'];
  readonly notes?: readonly string[];
}

/** Values of one check that are told where it passed. */
const SEEN = 100;

const RESULTS = ['fail', 'unknown', 'warn', 'pass'] as const satisfies readonly CheckResult[];

/** Holds the cluster and its nodes against what WEKA needs. What is the same on many nodes is said once. */
export function preflight(options: PreflightOptions): Preflight {
  const { subjects, idle } = subjectsOf(options);
  const { cluster, source, asks, notes = [], facts, traits, namespaces, manifestErrors } = options;
  const problems = new Problems();
  const demands = options.set === undefined ? [] : demandsOf(options.set, facts);
  const checks: PreflightCheck[] = [];

  for (const [id, check] of Object.entries<ClusterCheck>(CLUSTER_CHECKS)) {
    const answer = check.check({ facts, nodes: subjects, traits, namespaces, manifestErrors, demands });
    if (answer === undefined) continue;
    const passed = answer.result === 'pass' ? [{ value: answer.seen, nodes: 1 }] : [];
    checks.push({ check: id, scope: 'cluster', about: check.about, passed: passed.length, seen: passed });
    if (answer.result !== 'pass') problems.add([id], 'cluster', answer);
  }

  const seen = new Map(Object.keys(NODE_CHECKS).map((id) => [id, new Map<string, number>()]));
  const made = new Set<string>();
  const nodes = subjects.map((subject): PreflightNode => {
    const found: Record<CheckResult, string[]> = { fail: [], unknown: [], warn: [], pass: [] };
    const untold: string[] = [];
    const told = toldBy(subject.report);
    const reported = told && { ...subject, observed: told.observed };
    for (const [id, check] of Object.entries<NodeCheck>(NODE_CHECKS)) {
      if (!isAbout(check.concerns, subject)) continue;
      const answer = answerOf(check, subject, reported);
      if (answer === undefined) continue;
      made.add(id);
      if (answer === 'untold') {
        untold.push(id);
        found.unknown.push(id);
        continue;
      }
      found[answer.result].push(id);
      if (answer.result !== 'pass') {
        if (id === 'node-agent') untold.unshift(id);
        else problems.add([id], 'node', answer, subject.node.name);
        continue;
      }
      const values = seen.get(id);
      values?.set(answer.seen, (values.get(answer.seen) ?? 0) + 1);
    }
    if (untold.length > 0) problems.add(untold, 'node', unreported(subject), subject.node.name);
    const { fail, unknown, warn } = found;
    return {
      name: subject.node.name,
      hosts: subject.hosted.map(hostWords),
      result: RESULTS.find((each) => found[each].length > 0) ?? 'pass',
      fail,
      unknown,
      warn,
    };
  });
  for (const [id, check] of Object.entries<NodeCheck>(NODE_CHECKS)) {
    if (!made.has(id)) continue;
    const values = [...(seen.get(id) ?? [])].toSorted(([one, a], [other, b]) => b - a || compare(one, other));
    checks.push({
      check: id,
      scope: 'node',
      about: check.about,
      passed: values.reduce((sum, [, count]) => sum + count, 0),
      seen: values.slice(0, SEEN).map(([value, count]) => ({ value, nodes: count })),
    });
  }

  const all = problems.all();
  const counted = (result: CheckResult) => nodes.filter((node) => node.result === result).length;
  return {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Preflight',
    cluster,
    ...(source !== undefined && { source }),
    ...(asks !== undefined && { asks }),
    clean: all.every(({ result }) => result === 'warn'),
    summary: {
      fail: counted('fail'),
      unknown: counted('unknown'),
      warn: counted('warn'),
      pass: counted('pass'),
    },
    problems: all,
    checks,
    nodes,
    idle: [...idle],
    notes: [...notes],
  };
}

function answerOf(
  check: NodeCheck,
  subject: NodeSubject,
  reported: ReportedSubject | undefined,
): Answer | 'untold' | undefined {
  if (check.from === 'node') return check.check(subject);
  return reported === undefined ? 'untold' : check.check(reported);
}

/** What is lacking, each lack once with all that have it. */
class Problems {
  readonly #groups = new Map<
    string,
    { readonly head: Omit<PreflightProblem, 'seen'>; readonly seen: Map<string, string[]> }
  >();

  add(
    checks: readonly string[],
    scope: PreflightProblem['scope'],
    answer: Exclude<Answer, { readonly result: 'pass' }>,
    node?: string,
  ): void {
    const { result, mend } = answer;
    const needed = answer.result === 'unknown' ? undefined : answer.needed.trim();
    const value = answer.result === 'unknown' ? answer.why : answer.seen;
    const key = JSON.stringify([checks, scope, result, needed, mend]);
    let group = this.#groups.get(key);
    if (group === undefined) {
      const head = {
        checks: [...checks],
        scope,
        result,
        ...(needed !== undefined && { needed }),
        mend: { words: mend.words, commands: [...mend.commands] },
      };
      group = { head, seen: new Map() };
      this.#groups.set(key, group);
    }
    const nodes = group.seen.get(value) ?? [];
    group.seen.set(value, nodes);
    if (node !== undefined) nodes.push(node);
  }

  /** The gravest first, then what most nodes have. */
  all(): PreflightProblem[] {
    return [...this.#groups.values()]
      .map(({ head, seen }) => {
        const values = [...seen]
          .map(([value, nodes]) => ({ value, nodes }))
          .toSorted((a, b) => b.nodes.length - a.nodes.length || compare(a.value, b.value));
        const nodes = values.flatMap((each) => each.nodes);
        return { ...head, mend: named(head.mend, nodes), seen: values };
      })
      .toSorted(
        (a, b) =>
          RESULTS.indexOf(a.result) - RESULTS.indexOf(b.result) ||
          Number(a.scope === 'node') - Number(b.scope === 'node') ||
          place(a) - place(b) ||
          nodesOf(b) - nodesOf(a),
      );
  }
}

const ORDER: readonly string[] = [...Object.keys(CLUSTER_CHECKS), ...Object.keys(NODE_CHECKS)];

function place({ checks }: PreflightProblem): number {
  return ORDER.indexOf(checks[0] ?? '');
}

function nodesOf({ seen }: PreflightProblem): number {
  return seen.reduce((sum, { nodes }) => sum + nodes.length, 0);
}

/** What every name of a Node is; facts from a file may hold others, and these do not get into commands. */
const DNS_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The commands with the name of the node in them, where there is one; else with `NODE`. */
function named(mend: PreflightProblem['mend'], nodes: readonly string[]): PreflightProblem['mend'] {
  const [only = ''] = nodes;
  const name = nodes.length === 1 && DNS_NAME.test(only) ? only : 'NODE';
  return { ...mend, commands: mend.commands.map((command) => command.replaceAll(NODE, name)) };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
