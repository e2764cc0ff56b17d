import type { WrittenOutput } from '../../../schemas/output/explanation.ts';
import type { Facts } from '../facts/facts.ts';
import { BLOCKED, DRIVES, SHARED } from '../facts/node-annotations.ts';
import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { nearest } from '../spec/nearest.ts';
import type { ValuePath } from '../spec/source.ts';
import type { Explained } from './explain-object.ts';
import { annotationPath, driveHolders } from './explain-node.ts';
import { ownersOfField } from './owners.ts';
import type { Situation } from './situation.ts';
import type { NotFound } from './target.ts';
import { writtenField } from './written.ts';

/** The node that says it has a drive of this serial, signed, shared or blocked. */
export function nodeOfDrive(serial: string, facts: Facts): string | undefined {
  return facts.nodes.find(({ annotations: { drives = [], blocked, shared = [] } }) =>
    [...drives, ...blocked, ...shared.map((each) => each.serial)].some((each) => same(each, serial)),
  )?.name;
}

/** Where a drive is, whether it may be used, and by whom it is. `object` is its node, where that could be read. */
export function explainDrive(
  wanted: string,
  facts: Facts,
  situation: Situation,
  object?: KubeObject,
): Explained | NotFound {
  const serial = [...serialsIn(facts)].find((each) => same(each, wanted));
  const node = facts.nodes.find(({ name }) => name === nodeOfDrive(wanted, facts));
  const written = linesThatName(serial ?? wanted, situation);
  if (serial === undefined || node === undefined) {
    if (written.length > 0) return named(wanted, written);
    const near = nearest(wanted, serialsIn(facts));
    return {
      message: `No node says that it has a drive ${wanted}, and no manifest names it.`,
      hint:
        near === undefined
          ? 'Drives are known once they are signed: a WekaPolicy of type sign-drives does that.'
          : `Did you mean drive/${near}?`,
    };
  }
  const { blocked, drives = [], shared } = node.annotations;
  const holder = driveHolders(facts.pods).get(serial);
  const details = shared?.find((each) => each.serial === serial);
  const isBlocked = blocked.has(serial);
  const holders = holder === undefined ? [] : [{ target: holder, why: 'has it' }];
  return {
    target: `drive/${serial}`,
    state: isBlocked ? 'blocked' : holder === undefined ? 'free' : 'in-use',
    now: [
      drives.includes(serial) || details !== undefined
        ? `It is a signed drive of node ${node.name}.`
        : `Node ${node.name} names it only to have it left alone.`,
      ...(isBlocked ? ['It is blocked, so no container gets it.'] : []),
      holder === undefined ? 'No pod says that it has it.' : `${holder} has it.`,
      ...(node.obstacle === undefined ? [] : [`Its node takes no pods: it ${node.obstacle}.`]),
    ],
    written,
    fields: [DRIVES, BLOCKED, SHARED].flatMap((name) => {
      const text = object?.metadata.annotations?.[name];
      if (text?.includes(serial) !== true) return [];
      const path = `metadata.annotations[${JSON.stringify(name)}]`;
      const owners = ownersOfField(object, annotationPath(name));
      return [{ path, from: text, state: 'not-asked-for' as const, written: [], owners }];
    }),
    owners: [],
    facts:
      details === undefined ? [] : [{ name: 'Shared', value: `${details.capacityGiB} GiB, ${details.type}` }],
    related: [{ target: `node/${node.name}`, why: 'has it' }, ...holders],
    waitsFor: [],
    toChange: isBlocked
      ? [`Take it out of the annotation ${BLOCKED} of node ${node.name} to have it used again.`]
      : [`Add it to the annotation ${BLOCKED} of node ${node.name} to have it left alone.`],
  };
}

/** A drive that manifests name, and no node. */
function named(serial: string, written: WrittenOutput[]): Explained {
  return {
    target: `drive/${serial}`,
    state: 'missing',
    now: ['No node says that it has this drive, and manifests name it.'],
    written,
    fields: [],
    owners: [],
    facts: [],
    related: [],
    waitsFor: [],
    toChange: [],
  };
}

function serialsIn({ nodes }: Facts): ReadonlySet<string> {
  return new Set(
    nodes.flatMap(({ annotations: { drives = [], blocked, shared = [] } }) => [
      ...drives,
      ...blocked,
      ...shared.map((each) => each.serial),
    ]),
  );
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Lines of manifests of WEKA whose value is this serial. */
function linesThatName(serial: string, { specs, context }: Situation): WrittenOutput[] {
  return specs.specs
    .filter(({ kind }) => kind !== 'object')
    .flatMap((spec) =>
      placesOf(serial, spec.manifest['spec'], ['spec']).flatMap((at) => {
        const path = at.map((step) => (typeof step === 'string' ? { field: step } : { index: step }));
        return writtenField(spec, spec.id, path, context).map((line) => ({
          ...line,
          what: `${spec.id}: ${line.what}`,
        }));
      }),
    );
}

function placesOf(text: string, value: unknown, path: ValuePath): readonly ValuePath[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => placesOf(text, each, [...path, index]));
  if (isRecord(value))
    return Object.entries(value).flatMap(([name, each]) => placesOf(text, each, [...path, name]));
  return typeof value === 'string' && same(value, text) ? [path] : [];
}
