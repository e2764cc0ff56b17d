import { canonicalJson } from '../../../../../reconciler/core/kube/hash.ts';
import { place, type Seated } from '../../../../../reconciler/core/placement/place.ts';
import type { NodeRefusal, Refusal } from '../../../../../reconciler/core/placement/result.ts';
import { type Wanted, wantedKey } from '../../../../../reconciler/core/placement/wanted.ts';
import { describeChange, describeRefusal } from '../../../../../reconciler/core/placement/words.ts';
import { afterChange, furtherNode, withResource } from './apply-change.ts';
import type { KubePod } from './kube-objects.ts';
import { ownRule } from './own-rule.ts';
import type { Proof } from './proof.ts';
import { RefusedPods } from './refused-pods.ts';

/** A container that was refused on its own account, and how many are refused like it. */
interface Refused {
  readonly wanted: Wanted;
  readonly refusal: Refusal;
  readonly alike: number;
}

/**
 * Has the scheduler refuse one of each kind of container that placement refused, and then bind it after each of the
 * smallest changes. All that was placed stands on its nodes.
 */
export async function proveRefusals(proof: Proof, seated: Seated): Promise<void> {
  const pods = new RefusedPods(proof.cluster, seated);
  const refused = kindsOf(proof);
  for (const each of refused) await proveRefusal(each, pods, proof);
  for (const [index, each] of refused.entries()) await proveChanges(each, index, pods, proof);
}

function kindsOf({ cluster: { input } }: Proof): readonly Refused[] {
  const wanted = new Map(input.wants.containers.map((each) => [wantedKey(each), each]));
  const all = place(input).refusals.flatMap((refusal) => {
    const its = wanted.get(wantedKey(refusal));
    // Companions stand beside their own hosts, and are told of with these.
    return its === undefined || refusal.why.kind === 'no-host' ? [] : [{ wanted: its, refusal }];
  });
  const kinds = Map.groupBy(all, (each) =>
    each.wanted.node === undefined ? each.wanted.shape.key : wantedKey(each.wanted),
  );
  return [...kinds.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, alike: 1 + others.length }],
  );
}

async function proveRefusal(
  { wanted, refusal, alike }: Refused,
  pods: RefusedPods,
  proof: Proof,
): Promise<void> {
  const { why } = refusal;
  if (why.kind === 'no-port-range') {
    proof.add({ refusedByWeka: alike });
    return;
  }
  const told = why.kind === 'nodes' ? why.nodes : [];
  const nodes = pods.candidates(wanted);
  for (const { metadata } of nodes) {
    if (told.every(({ node }) => node !== metadata.name))
      proof.fault(`${wanted.name} is refused, and nothing is said against ${metadata.name}`);
  }
  const own = new Set<string>();
  for (const { node, reason } of told) {
    const its = nodes.find(({ metadata }) => metadata.name === node);
    const rule = its && ownRule(reason, wanted.shape, its);
    if (rule === undefined) continue;
    own.add(node);
    proof.add({ ownRules: { [rule]: 1 } });
  }
  const others = told.filter(({ node }) => !own.has(node));
  const needs = new Set(told.map(({ node }) => canonicalJson(pods.need(wanted.shape, node))));
  const isAlike =
    own.size === 0 && needs.size <= 1 && !others.some((each) => isBesideOnly(each, wanted, pods));
  const [any = proof.cluster.nodes[0]?.metadata.name ?? ''] = told.map(({ node }) => node);
  // One pod for all nodes, if it would need the same on each of them.
  const asked = isAlike ? [pods.whole(wanted, any)] : others.map((each) => podOn(each, wanted, pods));
  let agreed = 0;
  for (const pod of asked) {
    const verdict = await proof.ask(pod);
    if ('refused' in verdict) agreed += 1;
    else proof.fault(`${describeRefusal(refusal)} The scheduler bound it to ${verdict.node}`);
  }
  if (agreed < asked.length) return;
  if (isAlike) proof.add({ refusedUnpinned: alike });
  else if (asked.length > 0) proof.add({ refusedNodeByNode: alike });
  else proof.add({ refusedByWeka: alike });
}

/** Whether it is only what stands beside a container that others keep away from a node. */
function isBesideOnly({ node, reason }: NodeRefusal, wanted: Wanted, pods: RefusedPods): boolean {
  return reason.kind === 'repelled' && pods.repelledCompanion(wanted, node) !== undefined;
}

/** The pod to ask about one node. */
function podOn(refusal: NodeRefusal, wanted: Wanted, pods: RefusedPods): KubePod {
  const { node } = refusal;
  const besides = pods.only(node);
  const companion = isBesideOnly(refusal, wanted, pods) ? pods.repelledCompanion(wanted, node) : undefined;
  return companion === undefined
    ? pods.whole(wanted, node, { besides })
    : pods.companion(wanted, companion, { besides });
}

async function proveChanges(
  { wanted, refusal }: Refused,
  index: number,
  pods: RefusedPods,
  proof: Proof,
): Promise<void> {
  const { onNode, newNode } = refusal.change;
  // Whoever gets some of these is on the changed node, and after its change was heard of.
  const [mark, furtherMark] = [`proof.example/change-${index}`, `proof.example/further-${index}`];
  const expectBound = async (pod: KubePod, kind: string): Promise<void> => {
    const verdict = await proof.askPatiently(pod);
    if ('node' in verdict) proof.add({ changes: { [kind]: 1 } });
    else {
      const said = `${describeRefusal(refusal)} ${describeChange(refusal.change)}.`;
      proof.fault(`${said} After that (${kind}) the scheduler says: ${verdict.refused}`);
    }
  };
  const node = proof.cluster.nodes.find(({ metadata }) => metadata.name === onNode?.node);
  if (onNode !== undefined && node !== undefined) {
    await proof.plane.changeNode(withResource(afterChange(node, onNode), mark));
    const tolerations =
      onNode.kind === 'taint'
        ? [{ key: onNode.taint.key, operator: 'Exists', effect: onNode.taint.effect }]
        : [];
    await expectBound(
      pods.whole(wanted, node.metadata.name, { besides: { [mark]: '1' }, tolerations }),
      onNode.kind,
    );
    await proof.plane.changeNode(node);
  }
  if (newNode !== undefined) {
    const further = furtherNode(newNode, proof.cluster.id);
    await proof.plane.addNode(withResource(further, furtherMark));
    await expectBound(pods.onFurtherNode(wanted, { besides: { [furtherMark]: '1' } }), 'a further node');
    await proof.plane.removeNode(further.metadata.name);
  }
}
