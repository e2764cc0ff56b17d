import { ownerKey } from '../../facts/node-usage.ts';
import type { Refusal } from '../../placement/result.ts';
import { describeChange, describeRefusal } from '../../placement/words.ts';
import type { FactRule, SpecProblem } from '../spec-rule.ts';
import { asOne, refused } from './refused.ts';
import { leastOf } from './open-roles.ts';
import { counted, placeOfRole } from './shortages.ts';
import { type ClientSurvey, type ClusterSurvey, survey } from './survey.ts';

/** What finds no node on its own is told by `nodes-for-role` and `nodes-for-client`. */
export const nodesTogether: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'Containers that each find a node alone may not all find one together, with the spread and the distance that they ask for.',
  facts: 'There are six nodes of 8 cores and 2 drives.',
  example: {
    wrong: 'spec:\n  dynamicTemplate: { driveCores: 5, computeCores: 5 }',
    right: 'spec:\n  dynamicTemplate: { driveCores: 2, computeCores: 2 }',
  },
  *checkFacts(set, facts) {
    const { clusters, clients } = survey(set, facts);
    const refusals = Map.groupBy(refused(set, facts), ({ owner }) => owner);
    for (const cluster of clusters) yield* ofCluster(cluster, refusals.get(cluster.owner) ?? []);
    for (const client of clients) yield* ofClient(client, refusals.get(client.owner) ?? []);
    for (const spec of set.containers) {
      const { namespace, name } = spec.container.metadata;
      for (const refusal of refusals.get(ownerKey('WekaContainer', namespace, name)) ?? []) {
        const message = describeRefusal(refusal, `Container ${name} finds no node`);
        yield { spec, path: ['metadata', 'name'], message, hint: hintFor([refusal]) };
      }
    }
  },
};

function* ofCluster(cluster: ClusterSurvey, refusals: readonly Refusal[]): Iterable<SpecProblem> {
  const { spec, roles } = cluster;
  const byMode = Map.groupBy(refusals, ({ mode }) => mode);
  for (const role of roles) {
    const { need, fitting } = role;
    const { containers, words, shape } = need;
    const room = fitting.reduce((sum, each) => sum + each.room, 0);
    if (room < leastOf(cluster, role)) continue;
    for (const { mode } of [shape, ...shape.companions]) {
      const its = byMode.get(mode) ?? [];
      const [first, ...others] = its;
      if (first === undefined) continue;
      const refusal = asOne([first, ...others]);
      const some = its.length < containers ? `${its.length} of the ${containers}` : `The ${containers}`;
      const called = `${mode === shape.mode ? words : mode} container`;
      const group = containers === 1 ? `The ${called}` : `${some} ${called}s`;
      const verb = its.length === 1 ? 'finds' : 'find';
      const who = `${group} of cluster ${spec.cluster.metadata.name} ${verb} no node`;
      yield {
        spec,
        path: placeOfRole(spec, need),
        message: describeRefusal(refusal, besideRest(who, refusal)),
        hint: hintFor(its),
      };
    }
  }
}

function* ofClient({ spec, candidates }: ClientSurvey, refusals: readonly Refusal[]): Iterable<SpecProblem> {
  const { metadata, spec: client } = spec.client;
  const alone = new Set(candidates.flatMap(({ node, room }) => (room > 0 ? [node.name] : [])));
  const [first, ...others] = refusals;
  if (first === undefined) return;
  const { why, ...rest } = asOne([first, ...others]);
  const hasNamedPorts = client.port !== 0 || client.agentPort !== 0;
  const short = (why.kind === 'nodes' ? why.nodes : []).filter(
    // Ports that a client names are told where they are taken.
    ({ node, reason }) => alone.has(node) && !(reason.kind === 'ports' && hasNamedPorts),
  );
  if (short.length === 0) return;
  const refusal = { ...rest, why: { kind: 'nodes', nodes: short } } as const;
  const left = alone.size - short.length;
  const together = alone.size === 1 ? 'not' : `on ${left === 0 ? 'none' : left} of them`;
  const who = `Client ${metadata.name} fits on ${counted(alone.size, 'node')} alone, and ${together}`;
  yield {
    spec,
    path: ['spec', 'nodeSelector'],
    message: describeRefusal(refusal, besideRest(who, refusal)),
    hint: 'Narrow nodeSelector to nodes that have room beside such containers, or ask for less.',
  };
}

function besideRest(who: string, { takenBy }: Pick<Refusal, 'takenBy'>): string {
  return takenBy.length === 0 ? `${who} beside the rest` : who;
}

function hintFor([first, second]: readonly Refusal[]): string {
  const words = first === undefined ? '' : describeChange(first.change);
  if (words === '') return 'Give roles and clusters nodes of their own by label, or ask for less.';
  return second === undefined ? `${words}, or ask for less.` : `${words}, for each of them; or ask for less.`;
}
