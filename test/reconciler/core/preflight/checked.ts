import { Buffer } from 'node:buffer';
import { parseFacts } from '../../../../reconciler/core/facts/parse-facts.ts';
import { specSet } from '../../../../reconciler/core/lint/lint.ts';
import type { ClusterTraits } from '../../../../reconciler/core/preflight/check.ts';
import type { CheckId } from '../../../../reconciler/core/preflight/checks.ts';
import { preflight } from '../../../../reconciler/core/preflight/preflight.ts';
import type { Preflight } from '../../../../schemas/output/preflight.ts';
import { aNode, type NodeOptions } from '../lint/facts/build-facts.ts';
import { readFiles } from '../spec/read.ts';
import { factsText, type Observed, reporting } from './fleet.ts';

export interface Case {
  /** What the agent of node-a sees, where it is not as it should be. */
  readonly seen?: Partial<Observed>;
  /** What the API server says of node-a. */
  readonly node?: NodeOptions;
  /** Whether node-a has no agent. */
  readonly silent?: boolean;
  /** Objects besides. */
  readonly beside?: readonly object[];
  /** Manifests of the repository; unset, nothing says what nodes are for. */
  readonly manifests?: string;
  readonly traits?: ClusterTraits;
  readonly namespaces?: readonly string[];
  readonly manifestErrors?: number;
  readonly only?: readonly string[];
}

/** What checks say, by their names: the first line of it, and the case. */
export type Verdicts = {
  readonly [Id in CheckId]?: readonly (readonly [said: string, example: Case])[];
};

/** A cluster of one node, node-a, and what is beside it. */
export function look({ seen, node, silent, beside = [], manifests, ...options }: Case): Preflight {
  const { traits = {}, namespaces = [], only, manifestErrors } = options;
  const objects = silent === true ? [aNode('node-a', node)] : reporting('node-a', seen, node);
  const text = factsText([objects, beside]);
  return preflight({
    facts: parseFacts(Buffer.from(text), 'facts.json'),
    set: manifests === undefined ? undefined : specSet(readFiles({ 'weka.yaml': manifests })),
    only: only && new Set(only),
    agentNamespace: 'weka-gitops-nodes',
    cluster: 'production',
    traits,
    namespaces,
    manifestErrors,
  });
}

/**
 * What one check says, in lines: `pass: static`, or `fail: none, needs static`, then what to do and `$ command` for each
 * command. Nothing where the check does not concern the node.
 */
export function checked(id: CheckId, example: Case = {}): readonly string[] {
  const { problems, checks } = look(example);
  const problem = problems.find((each) => each.checks.includes(id));
  if (problem !== undefined) {
    const [seen] = problem.seen;
    const needs = problem.needed === undefined ? '' : `, needs ${problem.needed}`;
    const commands = problem.mend.commands.map((command) => `$ ${command}`);
    return [`${problem.result}: ${seen?.value ?? ''}${needs}`, problem.mend.words, ...commands];
  }
  const check = checks.find((each) => each.check === id);
  return check === undefined ? [] : [`pass: ${check.seen.map(({ value }) => value).join('; ')}`];
}

/** The first line of it. */
export function verdict(id: CheckId, example: Case = {}): string {
  return checked(id, example)[0] ?? 'not concerned';
}
