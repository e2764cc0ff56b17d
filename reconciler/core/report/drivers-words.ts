import type { DriverTarget } from '../../../schemas/drivers/target.ts';
import type {
  DriverCellOutput,
  DriverConflict,
  DriverHoldUp,
  DriverProgress,
  DriversOutput,
  DriverState,
  NodeNames,
} from '../../../schemas/output/drivers.ts';
import { troubleOf } from './driver-troubles.ts';
import { PROGRESS } from './drivers-output.ts';
import { count, prose } from './plain.ts';

/** Columns of the table of builds; the last one only where builds are served by several services. */
const DRIVER_HEAD = ['Version', 'Kernel', 'Nodes', 'State', 'Loaded', 'Served by'] as const;
type Column = (typeof DRIVER_HEAD)[number];

/** Last lines of a failed build that are shown beside others; JSON and `explain drivers` have them all. */
const LAST_LINES = 5;
/** Names of nodes that are shown of those that are alike. */
const NAMES = 3;

export const DRIVER_STATE_WORDS = {
  'pre-built': 'pre-built',
  built: 'built',
  building: 'building',
  fetching: 'fetching',
  failed: 'failed',
  missing: 'missing',
  changed: 'changed',
  coming: 'coming',
} as const satisfies Record<DriverState, string>;

export const DRIVER_STATE_COLOURS = {
  'pre-built': 'green',
  built: 'green',
  building: 'yellow',
  fetching: 'yellow',
  failed: 'red',
  missing: 'red',
  changed: 'red',
  coming: 'cyan',
} as const satisfies Record<DriverState, string>;

/** How far a node is. */
export const PROGRESS_WORDS = {
  loaded: 'loaded',
  vendor: 'left to the vendor’s command',
  working: 'at work',
  asked: 'just asked',
  waiting: 'waiting',
  failed: 'failed',
  refused: 'refused',
  'no-package': 'without a package',
  unknown: 'unknown',
} as const satisfies Record<DriverProgress, string>;

/** `64 nodes, 61 loaded, 2 without a package, 1 refused`. */
export function driversWords({ nodes, progress, unread, cells }: DriversOutput): string {
  if (unread !== undefined && nodes === 0) return 'nodes not read';
  if (nodes === 0) return `no nodes yet, ${count(cells.length, 'build')}`;
  const parts = PROGRESS.toReversed().flatMap((each) => {
    const n = progress[each] ?? 0;
    return n === 0 ? [] : [each === 'loaded' && n === nodes ? 'all loaded' : `${n} ${PROGRESS_WORDS[each]}`];
  });
  return [count(nodes, 'node'), ...parts].join(', ') + (unread === undefined ? '' : ', as known last');
}

/** The columns that a table of builds has. */
export function driverColumns({ cells }: DriversOutput): readonly Column[] {
  const isOne = new Set(cells.map(({ service }) => service)).size < 2;
  return isOne ? DRIVER_HEAD.slice(0, -1) : DRIVER_HEAD;
}

/** What stands in the columns for a build, as plain text of any origin; its nodes by so many names, or by their number alone. */
export function driverCells(cell: DriverCellOutput, names = NAMES): Readonly<Record<Column, string>> {
  const { version, nodes, state, loaded, service = '' } = cell;
  return {
    Version: version,
    Kernel: kernelWords(cell),
    Nodes: names === 0 && nodes.total > 0 ? count(nodes.total, 'node') : nameWords(nodes, names),
    State: DRIVER_STATE_WORDS[state],
    Loaded: nodes.total === 0 || state === 'coming' ? '' : `${loaded} of ${nodes.total}`,
    'Served by': service,
  };
}

/** `6.8.0-45-generic`; the architecture only where it is not the one that nearly all have. */
export function kernelWords({ kernel, architecture, buildId }: Omit<DriverTarget, 'version'>): string {
  const rest = [
    ...(architecture === 'x86_64' ? [] : [architecture]),
    ...(buildId === undefined ? [] : [buildId]),
  ];
  return rest.length === 0 ? kernel : `${kernel} (${rest.join(', ')})`;
}

/** `node-a, node-b, node-c and 57 more`. */
export function nameWords({ total, names }: NodeNames, most = NAMES): string {
  // Where one more would be left out, its name takes no more room than to say so.
  const shown = names.slice(0, total <= most + 1 ? most + 1 : most);
  const more = total - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** What a person should know of a build or of nodes: what it is about, in what state that is, and sentences. */
export interface DriverNote {
  readonly subject: string;
  readonly state: string;
  readonly colour: 'red' | 'yellow' | 'cyan';
  readonly symbol: '!' | '…' | '?';
  readonly said: readonly string[];
  readonly code?: string;
  /** The way out; begins with a verb. */
  readonly way?: string;
  /** What a compiler or a script printed. */
  readonly lines: readonly string[];
}

/** All that there is to say beside the table, what needs a person most first. */
export function driverNotes({ cells, holdUps, conflicts }: DriversOutput): readonly DriverNote[] {
  return [
    ...cells.filter(({ state }) => NEEDS_HELP.has(state)).map(cellNote),
    ...holdUps.map(holdUpNote),
    ...cells.filter(({ state, why }) => !NEEDS_HELP.has(state) && why !== undefined).map(cellNote),
    ...conflicts.map(conflictNote),
  ];
}

const NEEDS_HELP: ReadonlySet<DriverState> = new Set(['changed', 'failed', 'missing']);

function cellNote(cell: DriverCellOutput): DriverNote {
  const { version, state, code, why, hint, lastLines = [] } = cell;
  const needsHelp = NEEDS_HELP.has(state);
  const way = hint ?? troubleOf(code)?.mend;
  return {
    subject: `${version} for ${kernelWords(cell)}`,
    state: stateWords(DRIVER_STATE_WORDS[state], code),
    colour: needsHelp ? 'red' : 'cyan',
    symbol: needsHelp ? '!' : '…',
    said: why === undefined ? [] : [why],
    ...(code !== undefined && { code }),
    ...(way !== undefined && { way }),
    lines: lastLines.slice(-LAST_LINES),
  };
}

function holdUpNote(holdUp: DriverHoldUp): DriverNote {
  const { state, nodes, code, why, hint, users = [], lastLines = [] } = holdUp;
  const way = hint ?? troubleOf(code)?.mend;
  return {
    subject: nameWords(nodes),
    state: stateWords(PROGRESS_WORDS[state], code),
    colour: state === 'waiting' ? 'cyan' : state === 'unknown' ? 'yellow' : 'red',
    symbol: state === 'waiting' ? '…' : state === 'unknown' ? '?' : '!',
    said: [why, ...(users.every((user) => why.includes(user)) ? [] : [`Used by: ${users.join(', ')}`])],
    ...(code !== undefined && { code }),
    ...(way !== undefined && { way }),
    lines: lastLines.slice(-LAST_LINES),
  };
}

function conflictNote({ nodes, owner, version, against }: DriverConflict): DriverNote {
  const winner = `${version ?? 'What they have'}${owner === undefined ? '' : ` for ${owner}`}`;
  return {
    subject: nameWords(nodes),
    state: 'asked for several versions',
    colour: 'yellow',
    symbol: '!',
    said: [`${winner} comes first: a node has one version. ${against.join('; ')}.`],
    lines: [],
  };
}

/** What is said of it, and the way out. */
export function noteLines({ said, way }: Pick<DriverNote, 'said' | 'way'>): readonly string[] {
  return [...said, ...(way === undefined ? [] : [`Hint: ${way}`])];
}

function stateWords(state: string, code: string | undefined): string {
  return code === undefined ? state : `${state}, ${code}`;
}

/** What is left out of lists, in one sentence; undefined where nothing is. */
export function omittedWords({ omitted }: DriversOutput): string | undefined {
  if (omitted === undefined) return undefined;
  const { cells, holdUps, conflicts } = omitted;
  const parts = [
    ...(cells > 0 ? [count(cells, 'more build')] : []),
    ...(holdUps > 0 ? [count(holdUps, 'more reason')] : []),
    ...(conflicts > 0 ? [count(conflicts, 'more conflict')] : []),
  ];
  return `… and ${parts.join(', ')}: too much to list.`;
}

/** Why what is told of nodes is not of now; undefined where it is. */
export function driversUnread({ unread }: DriversOutput): string | undefined {
  return unread === undefined ? undefined : `The nodes could not be read: ${prose(unread, 600)}`;
}
