import { units } from '../facts/amounts.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { record } from '../kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { matchesTerms, type NodeTerm } from '../placement/node-terms.ts';
import { claimsOf, type Storage, volumeNodes, volumesBefore } from './volume-terms.ts';

/** A claim that has no volume yet, and those that are there and free for it, the one that it gets first. */
export interface VolumeChoice {
  readonly claim: ObjectId;
  readonly volumes: readonly { readonly name: string; readonly nodes: readonly NodeTerm[] }[];
}

/** What is still to be chosen for the claims of a pod among the volumes that are there. */
export function volumeChoices(
  pod: KubeObject,
  claimOf: (name: string) => KubeObject | undefined,
  storage: Storage,
): readonly VolumeChoice[] {
  return claimsOf(pod).flatMap((name) => {
    const claim = claimOf(name);
    const free = claim === undefined ? undefined : volumesBefore(claim, storage);
    if (claim === undefined || free === undefined) return [];
    // The smallest that fits is taken first, as the volume controller does.
    const volumes = free
      .toSorted((a, b) => size(a) - size(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((volume) => ({ name: volume.metadata.name, nodes: volumeNodes(volume) }));
    return [{ claim: objectId(claim), volumes }];
  });
}

/** A pod on its node. */
export interface Standing {
  readonly id: ObjectId;
  readonly node: string;
}

/**
 * Of pods that stand, in the order in which they get their volumes, those for whose claims none is left where they are, and why:
 * what one gets is not there for the next.
 */
export function withoutVolume(
  standing: readonly Standing[],
  choices: ReadonlyMap<ObjectId, readonly VolumeChoice[]>,
  nodes: readonly Pick<NodeFacts, 'name' | 'labels'>[],
): ReadonlyMap<ObjectId, string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  /** By claim; and who has it, by volume. */
  const given = new Map<ObjectId, string>();
  const holders = new Map<string, ObjectId>();
  const without = new Map<ObjectId, string>();
  for (const { id, node: name } of standing) {
    const node = byName.get(name);
    if (node === undefined) continue;
    const found: (readonly [claim: ObjectId, volume: string])[] = [];
    for (const { claim, volumes } of choices.get(id) ?? []) {
      const near = volumes.filter((each) => each.nodes.length === 0 || matchesTerms(node, each.nodes));
      const own = given.get(claim);
      const others = new Set(found.map(([, volume]) => volume));
      const free = near.find((each) =>
        own === undefined ? !holders.has(each.name) && !others.has(each.name) : each.name === own,
      );
      if (free !== undefined) {
        found.push([claim, free.name]);
        continue;
      }
      const [taken] = near.flatMap((each) => holders.get(each.name) ?? []);
      const who = taken === undefined || taken === id ? 'another claim' : taken;
      without.set(id, `The volume on ${name} that its claim ${nameOf(claim)} could have goes to ${who}`);
      break;
    }
    if (without.has(id)) continue;
    for (const [claim, volume] of found) {
      given.set(claim, volume);
      holders.set(volume, id);
    }
  }
  return without;
}

function nameOf(id: ObjectId): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function size(volume: KubeObject): number {
  return units(record(record(volume['spec'])['capacity'])['storage']);
}
