import { ownerOf } from '../../facts/node-usage.ts';
import type { FactRule, SpecProblem } from '../spec-rule.ts';
import { isWritten } from '../written.ts';
import { counted, firstFew, labelWords, needWords, shortages } from './shortages.ts';
import { type Candidate, type ClientSurvey, survey } from './survey.ts';

export const nodesForClient: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'A client goes to every node of its selector, and where there is no room for it mounts do not work.',
  facts: 'There are six nodes of 8 cores.',
  example: {
    wrong: 'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  coresNum: 12',
    right: 'kind: WekaClient\nspec:\n  joinIpPorts: ["10.0.0.11:14000"]\n  coresNum: 2',
  },
  *checkFacts(set, facts) {
    if (facts.nodes.length === 0) return;
    for (const client of survey(set, facts).clients) {
      yield* withoutRoom(client);
      yield* withTakenPorts(client);
    }
  },
};

function* withoutRoom({ spec, candidates }: ClientSurvey): Iterable<SpecProblem> {
  const { metadata, spec: client } = spec.client;
  const [first] = candidates;
  if (first === undefined) {
    const labels = labelWords(client.nodeSelector ?? {});
    yield {
      spec,
      path: ['spec', 'nodeSelector'],
      message: `Client ${metadata.name} goes nowhere: no node has ${labels === '' ? 'Linux' : labels}.`,
      hint: 'Label nodes with kubectl label node NAME KEY=VALUE, or change nodeSelector.',
    };
    return;
  }
  const short = candidates.filter(({ room }) => room === 0);
  if (short.length === 0) return;
  const asked = needWords(first.need);
  yield {
    spec,
    path: isWritten(spec, 'spec', 'coresNum') ? ['spec', 'coresNum'] : ['spec', 'nodeSelector'],
    message: `Client ${metadata.name} needs ${asked} on each node; ${short.length} of ${counted(candidates.length, 'node')} ${short.length === 1 ? 'has' : 'have'} no room: ${shortages(short, candidates.length)}.`,
    hint: hint(short),
  };
}

function hint(short: readonly Candidate[]): string {
  const taints = [
    ...new Set(short.flatMap(({ repelledBy }) => (repelledBy === undefined ? [] : [repelledBy]))),
  ];
  const keys = taints.join(' and ');
  if (short.every(({ repelledBy }) => repelledBy !== undefined)) {
    return `Add ${keys} to tolerations, or narrow nodeSelector.`;
  }
  const make = taints.length === 0 ? 'Make' : `Add ${keys} to tolerations, make`;
  return `${make} room on those nodes, narrow nodeSelector, or lower coresNum or hugepages.`;
}

/** Ports from `port` on that each client takes (weka-operator §2.5). */
const PORTS = 100;

function* withTakenPorts({ spec, owner, candidates }: ClientSurvey): Iterable<SpecProblem> {
  const { metadata, spec: client } = spec.client;
  for (const [field, count] of [
    ['port', PORTS],
    ['agentPort', 1],
  ] as const) {
    const first = client[field];
    if (first === 0) continue;
    const taken = candidates.flatMap(({ node, usage }) =>
      usage.pods
        .filter((pod) => ownerOf(pod) !== owner)
        .flatMap((pod) => {
          const port = pod.hostPorts.find((each) => first <= each && each < first + count);
          return port === undefined ? [] : [`${port} on ${node.name} by pod ${pod.namespace}/${pod.name}`];
        }),
    );
    if (taken.length === 0) continue;
    const wanted = count === 1 ? `port ${first}` : `ports ${first} to ${first + count - 1}`;
    yield {
      spec,
      path: ['spec', field],
      message: `Client ${metadata.name} needs ${wanted} on each node, and some are taken: ${firstFew(taken, String)}.`,
      hint: `Choose another ${field}, or leave it out: free ones are then found.`,
    };
  }
}
