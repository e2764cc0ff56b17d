import { targetKey } from '../../../schemas/drivers/target.ts';
import type { DriversOutput } from '../../../schemas/output/drivers.ts';
import type { DriverCell, DriversSeen, NodeDrivers } from '../drivers/drivers.ts';
import type { PinnedPackage } from '../drivers/lock.ts';
import { DRIVER_TROUBLES, troubleOf } from '../report/driver-troubles.ts';
import { driversOutput } from '../report/drivers-output.ts';
import {
  driverNotes,
  DRIVER_STATE_WORDS,
  driversWords,
  kernelWords,
  nameWords,
} from '../report/drivers-words.ts';
import { count } from '../report/plain.ts';
import { nearest } from '../spec/nearest.ts';
import type { Explained } from './explain-object.ts';
import type { Situation } from './situation.ts';
import type { NotFound } from './target.ts';

/**
 * How far drivers are, what holds them up and the way out: all, or those of `name`, which is a version, a kernel, `VERSION/KERNEL`
 * or a code.
 */
export function explainDrivers(name: string | undefined, situation: Situation): Explained | NotFound {
  const { drivers } = situation.assessment;
  const code = name?.toUpperCase().replaceAll('-', '_');
  if (name !== undefined && code !== undefined && isCode(code, drivers)) return explainCode(code, drivers);
  if (drivers === undefined) return name === undefined ? nobodyAsks() : notFound(name, drivers);
  if (name === undefined) return explainSome(undefined, drivers, drivers);
  const some = only(name, drivers);
  return some.cells.length + some.nodes.length === 0
    ? notFound(name, drivers)
    : explainSome(name, some, drivers);
}

function isCode(code: string, drivers: DriversSeen | undefined): boolean {
  return troubleOf(code) !== undefined || (drivers !== undefined && codesIn(drivers).has(code));
}

function codesIn({ cells, nodes }: DriversSeen): ReadonlySet<string> {
  const codes = [...cells.map((cell) => cell.code), ...nodes.map(({ report }) => report?.code)];
  return new Set(codes.filter((code) => code !== undefined));
}

const NOTHING = {
  written: [],
  fields: [],
  owners: [],
  facts: [],
  related: [],
  waitsFor: [],
  toChange: [],
} satisfies Partial<Explained>;

function nobodyAsks(): Explained {
  return {
    ...NOTHING,
    target: 'drivers',
    state: 'not-asked-for',
    now: ['No manifest asks for drivers, so none are built, fetched or loaded.'],
    toChange: ['Add a WekaCluster or a WekaClient: its nodes then get the drivers of its image.'],
  };
}

function notFound(name: string, drivers: DriversSeen | undefined): NotFound {
  const { cells = [] } = drivers ?? {};
  const known = [
    ...cells.flatMap(({ target }) => [target.version, target.kernel]),
    ...Object.keys(DRIVER_TROUBLES),
  ];
  const near = nearest(name, known);
  return {
    message: `No drivers are known by ${JSON.stringify(name)}: it is no version, no kernel and no code.`,
    hint: near === undefined ? 'weka-gitops explain drivers lists them.' : `Did you mean drivers/${near}?`,
  };
}

/** The drivers of a version, of a kernel, or of both. */
function only(name: string, { cells, nodes, lock, ...rest }: DriversSeen): DriversSeen {
  const fits = (target: NodeDrivers['target']) =>
    target !== undefined && (target.kernel === name || `${targetKey(target)}/`.startsWith(`${name}/`));
  return {
    ...rest,
    cells: cells.filter(({ target }) => fits(target)),
    nodes: nodes.filter(({ target }) => fits(target)),
    lock: lock.filter((each) => fits(each.package)),
  };
}

function explainSome(name: string | undefined, some: DriversSeen, { lock }: DriversSeen): Explained {
  const output = driversOutput(some);
  return {
    ...NOTHING,
    target: name === undefined ? 'drivers' : `drivers/${name}`,
    state: stateOf(output),
    now: [
      `${count(output.cells.length + (output.omitted?.cells ?? 0), 'build')} of drivers for ${driversWords(output)}.`,
      ...(output.unread === undefined ? [] : [`The nodes could not be read: ${output.unread}`]),
    ],
    facts: some.cells.slice(0, output.cells.length).flatMap((cell) => cellFacts(cell, lock)),
    related: relatedOf(output),
    waitsFor: waitsOf(output),
    toChange: [...waysOut(output)],
  };
}

function explainCode(code: string, drivers: DriversSeen | undefined): Explained {
  const trouble = troubleOf(code);
  const all = drivers === undefined ? undefined : driversOutput(drivers);
  const seen =
    all === undefined
      ? undefined
      : {
          ...all,
          cells: all.cells.filter((cell) => cell.code === code),
          holdUps: all.holdUps.filter((holdUp) => holdUp.code === code),
          conflicts: [],
        };
  const isSeen = seen !== undefined && seen.cells.length + seen.holdUps.length > 0;
  return {
    ...NOTHING,
    target: `drivers/${code}`,
    state: isSeen ? 'held-up' : 'not-seen',
    now: trouble === undefined ? [`${code} is a code of a newer program.`] : [trouble.symptom, trouble.cause],
    waitsFor: isSeen ? waitsOf(seen) : [],
    toChange: trouble === undefined ? [] : [trouble.mend],
  };
}

function stateOf({ cells, holdUps, progress, nodes }: DriversOutput): Explained['state'] {
  const isStuck =
    cells.some(({ state }) => state === 'changed' || state === 'failed' || state === 'missing') ||
    holdUps.some(({ state }) => state !== 'waiting' && state !== 'unknown');
  if (isStuck) return 'held-up';
  return (progress.loaded ?? 0) === nodes ? 'loaded' : 'on-the-way';
}

function relatedOf({ cells }: DriversOutput): Explained['related'] {
  return cells.map((cell) => {
    const { version, state, nodes, loaded, service } = cell;
    const far =
      state === 'coming' ? nameWords(nodes) : `loaded on ${loaded} of ${count(nodes.total, 'node')}`;
    const from = service === undefined ? [] : [`served by ${service}`];
    return {
      target: `${version} for ${kernelWords(cell)}`,
      why: [DRIVER_STATE_WORDS[state], far, ...from].filter((each) => each !== '').join(', '),
    };
  });
}

/** What is in the way, with its cause. */
function waitsOf(output: DriversOutput): Explained['waitsFor'] {
  return driverNotes(output).map(({ subject, state, said, code }) => {
    const cause = troubleOf(code)?.cause;
    const sentences = [...said, ...(cause === undefined ? [] : [`Cause: ${cause}`])];
    return {
      target: subject,
      why: `${state}: ${sentences.map((each) => each.replace(/(?<![.!?])$/, '.')).join(' ')}`,
    };
  });
}

/** What to do, each once. */
function waysOut(output: DriversOutput): readonly string[] {
  const ways = driverNotes(output).flatMap(({ code, way }) =>
    way === undefined ? [] : [code === undefined ? way : `${code}: ${way}`],
  );
  return [...new Set(ways)];
}

function cellFacts(
  { target, package: pinned, lastLines = [] }: DriverCell,
  lock: readonly PinnedPackage[],
): Explained['facts'] {
  const name = `${target.version} for ${kernelWords(target)}`;
  const entry = lock.find((each) => each.package.sha256 === pinned?.sha256);
  return [
    ...(pinned === undefined ? [] : [{ name, value: packageWords(pinned, entry) }]),
    ...lastLines.map((value, at) => ({ name: at === 0 ? `${name}, last lines` : '', value })),
  ];
}

function originWords(origin: PinnedPackage['origin']): string {
  switch (origin.kind) {
    case 'builder':
      return `pod ${origin.pod}`;
    case 'registry':
      return origin.url;
    case 'unknown':
      return 'where nobody knows since the lock was lost';
  }
}

/** `weka-….tar.gz, sha256:5eed…, 1,234 bytes, from pod weka/builder, pinned at commit 1a2b3c4`. */
export function packageWords(
  { file, sha256, bytes }: NonNullable<DriverCell['package']>,
  entry?: PinnedPackage,
): string {
  const origin = entry?.origin;
  return [
    file,
    `sha256:${sha256}`,
    `${bytes.toLocaleString('en-US')} bytes`,
    ...(origin === undefined ? [] : [`from ${originWords(origin)}`]),
    ...(entry === undefined ? [] : [`pinned at commit ${entry.commit.slice(0, 7)}`]),
  ].join(', ');
}
