import type { Facts } from '../../facts/facts.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import { holdingsOf } from '../../placement/holdings.ts';
import { place } from '../../placement/place.ts';
import type { PlacementResult } from '../../placement/result.ts';
import { wantClient } from '../../placement/want-client.ts';
import { wantContainer } from '../../placement/want-container.ts';
import type { Wanted, Wants } from '../../placement/wanted.ts';
import type { SpecSet } from '../spec-rule.ts';
import { podsAsWanted } from './pods-as-wanted.ts';
import { type Survey, survey } from './survey.ts';

/** Where everything that the repository asks for would stand together. */
export interface Placed extends Pick<PlacementResult, 'placements' | 'refusals'> {
  readonly wants: Wants;
}

const known = new WeakMap<Facts, WeakMap<SpecSet, Placed>>();

/**
 * All containers of the repository on the nodes of the cluster, as placement puts them; worked out once for all rules.
 * Nodes that are only out of service for now count, which `nodes-out-of-service` tells of.
 */
export function placed(set: SpecSet, facts: Facts): Placed {
  const bySet = known.get(facts) ?? new WeakMap<SpecSet, Placed>();
  known.set(facts, bySet);
  const found = bySet.get(set) ?? placeAll(set, facts);
  bySet.set(set, found);
  return found;
}

function placeAll(set: SpecSet, facts: Facts): Placed {
  const asked = survey(set, facts);
  const all = [
    ...asked.clusters.map(({ wants }) => wants),
    ...set.clients.map(({ client }) => wantClient(client, facts.nodes, holdingsOf(facts.pods))),
    ...set.containers.map(({ container }) => wantContainer(container)),
  ];
  const wants: Wants = {
    containers: all.flatMap(({ containers }) => containers.map(countingDrives)),
    ranges: all.flatMap(({ ranges }) => ranges),
  };
  if (facts.nodes.length === 0) return { wants, placements: [], refusals: [] };
  const pods = podsAsWanted(facts.pods, wants);
  const nodes = facts.nodes.map((node) => nodeInTime(node, asked));
  return { wants, ...place({ wants, nodes, pods, holdings: holdingsOf(pods) }) };
}

/**
 * Drives are counted here and not chosen by their serials: those that the vendor's operator gave away are not written
 * on pods, and a node may say how many it has and not which.
 */
export function countingDrives(wanted: Wanted): Wanted {
  const { shape } = wanted;
  return shape.drives === undefined ? wanted : { ...wanted, shape: { ...shape, drives: undefined } };
}

/** A node once it is in service, and its drives are signed where the repository asks for that. */
export function nodeInTime(node: NodeFacts, { signed }: Survey): NodeFacts {
  const { allocatable } = node;
  const drives = !node.knowsDrives && signed(node) ? Number.POSITIVE_INFINITY : allocatable.drives;
  return { ...node, obstacle: undefined, allocatable: { ...allocatable, drives } };
}
