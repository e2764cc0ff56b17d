import { targetKey } from '../../../schemas/drivers/target.ts';
import type {
  DriverCellOutput,
  DriverConflict,
  DriverHoldUp,
  DriverProgress,
  DriversOutput,
  DriverState,
  NodeNames,
} from '../../../schemas/output/drivers.ts';
import type { DriverCell, DriversSeen } from '../drivers/drivers.ts';
import { compareText } from '../placement/compare-text.ts';
import { type PlacedNode, placeNodes } from './node-progress.ts';
import { prose } from './plain.ts';

/** What is listed of each; the rest is counted. */
const CELLS = 60;
const HOLD_UPS = 30;
const CONFLICTS = 20;
/** Names of nodes that are listed of those that are alike. */
const NAMES = 8;
/** Characters of a name, and of a sentence. */
const NAME = 253;
const SENTENCE = 400;
const LAST_LINES = 20;
const LAST_LINE = 300;
const USERS = 8;

/** What needs a person most comes first. */
const STATES = [
  'changed',
  'failed',
  'missing',
  'building',
  'fetching',
  'coming',
  'built',
  'pre-built',
] as const satisfies readonly DriverState[];

/** What needs a person most comes first. */
export const PROGRESS = [
  'refused',
  'failed',
  'waiting',
  'unknown',
  'no-package',
  'vendor',
  'working',
  'asked',
  'loaded',
] as const satisfies readonly DriverProgress[];

const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** Whether there is anything to tell: a builder alone asks for nothing. */
export function isAboutAny({ cells, nodes, unread }: DriversSeen): boolean {
  return cells.length > 0 || nodes.length > 0 || unread !== undefined;
}

/** Drivers as every rendering tells of them. It is as long for ten thousand nodes as for a few hundred. */
export function driversOutput({ cells, nodes, lock, unread }: DriversSeen): DriversOutput {
  const placed = placeNodes({ cells, nodes });
  const loaded = new Map<DriverCell | undefined, number>();
  for (const { cell, progress } of placed) {
    if (progress === 'loaded') loaded.set(cell, (loaded.get(cell) ?? 0) + 1);
  }
  const told = first(CELLS, cells.toSorted(bySeverity));
  const heldUp = holdUpsOf(placed);
  const conflicts = conflictsOf(placed);
  const omitted = {
    cells: cells.length - told.length,
    holdUps: Math.max(0, heldUp.length - HOLD_UPS),
    conflicts: Math.max(0, conflicts.length - CONFLICTS),
  };
  return {
    nodes: nodes.length,
    progress: Object.fromEntries(
      PROGRESS.map(
        (each) => [each, placed.filter(({ progress }) => progress === each).length] as const,
      ).filter(([, n]) => n > 0),
    ),
    ...(unread !== undefined && { unread: prose(unread, SENTENCE) }),
    cells: told.toSorted(byTarget).map((cell) => cellOutput(cell, loaded.get(cell) ?? 0)),
    holdUps: first(HOLD_UPS, heldUp),
    conflicts: first(CONFLICTS, conflicts),
    pinned: lock.length,
    ...(Object.values(omitted).some((n) => n > 0) && { omitted }),
  };
}

function cellOutput(cell: DriverCell, loaded: number): DriverCellOutput {
  const { service, target, nodes, state, code, why, hint, lastLines = [] } = cell;
  return {
    version: prose(target.version, NAME),
    kernel: prose(target.kernel, NAME),
    architecture: prose(target.architecture, NAME),
    ...(target.buildId !== undefined && { buildId: prose(target.buildId, NAME) }),
    ...(service !== undefined && { service: prose(service.key, NAME) }),
    state,
    nodes: namesOf(nodes),
    loaded,
    ...(code !== undefined && { code: prose(code, NAME) }),
    ...(why !== undefined && { why: prose(why, SENTENCE) }),
    ...(hint !== undefined && { hint: prose(hint, SENTENCE) }),
    ...(cell.package !== undefined && {
      package: {
        file: prose(cell.package.file, NAME),
        sha256: cell.package.sha256,
        bytes: cell.package.bytes,
      },
    }),
    ...linesOf(lastLines),
  };
}

/** Nodes that are held up by the same in the same build, the gravest first, then those that are many. */
function holdUpsOf(placed: readonly PlacedNode[]): readonly DriverHoldUp[] {
  const alike = Map.groupBy(
    placed.filter(({ held }) => held !== undefined),
    ({ node: { target }, progress, held }) =>
      JSON.stringify([progress, target?.version, target?.kernel, held?.code]),
  );
  return [...alike.values()]
    .flatMap((its): DriverHoldUp[] => {
      const [one] = its.toSorted((a, b) => byName(a.node.node, b.node.node));
      return one?.held === undefined ? [] : [holdUpOf(one, one.held, its)];
    })
    .toSorted(
      (a, b) => PROGRESS.indexOf(a.state) - PROGRESS.indexOf(b.state) || b.nodes.total - a.nodes.total,
    );
}

function holdUpOf(
  { node: { target }, progress }: PlacedNode,
  { code, why, hint, users = [], lastLines = [] }: NonNullable<PlacedNode['held']>,
  its: readonly PlacedNode[],
): DriverHoldUp {
  return {
    state: progress,
    nodes: namesOf(its.map(({ node }) => node.node)),
    ...(target !== undefined && { version: prose(target.version, NAME), kernel: prose(target.kernel, NAME) }),
    ...(code !== undefined && { code: prose(code, NAME) }),
    why: prose(why, SENTENCE),
    ...(hint !== undefined && { hint: prose(hint, SENTENCE) }),
    ...(users.length > 0 && { users: users.slice(0, USERS).map((user) => prose(user, NAME)) }),
    ...linesOf(lastLines),
  };
}

function linesOf(lines: readonly string[]): { readonly lastLines?: string[] } {
  if (lines.length === 0) return {};
  return { lastLines: lines.slice(-LAST_LINES).map((line) => prose(line, LAST_LINE)) };
}

/** Nodes of which the same manifests ask for different drivers. */
function conflictsOf(placed: readonly PlacedNode[]): readonly DriverConflict[] {
  const contested = placed.filter(({ node }) => (node.against ?? []).length > 0);
  const alike = Map.groupBy(contested, ({ node: { owner, target, against } }) =>
    JSON.stringify([owner, target?.version, against]),
  );
  return [...alike.values()]
    .flatMap((its): DriverConflict[] => {
      const [one] = its;
      if (one === undefined) return [];
      const { owner, target, against = [] } = one.node;
      return [
        {
          nodes: namesOf(its.map(({ node }) => node.node)),
          ...(owner !== undefined && { owner: prose(owner, SENTENCE) }),
          ...(target !== undefined && { version: prose(target.version, NAME) }),
          against: against.slice(0, NAMES).map((each) => prose(each, SENTENCE)),
        },
      ];
    })
    .toSorted((a, b) => b.nodes.total - a.nodes.total);
}

function namesOf(nodes: readonly string[]): NodeNames {
  return {
    total: nodes.length,
    names: first(NAMES, nodes.toSorted(byName)).map((name) => prose(name, NAME)),
  };
}

function first<Item>(most: number, items: readonly Item[]): Item[] {
  return items.slice(0, most);
}

function bySeverity(a: DriverCell, b: DriverCell): number {
  return (
    STATES.indexOf(a.state) - STATES.indexOf(b.state) || b.nodes.length - a.nodes.length || byTarget(a, b)
  );
}

/** The newest version first. */
function byTarget(
  { target: a, service: one }: DriverCell,
  { target: b, service: other }: DriverCell,
): number {
  return (
    byName(b.version, a.version) ||
    byName(a.kernel, b.kernel) ||
    byName(targetKey(a), targetKey(b)) ||
    byName(one?.key ?? '', other?.key ?? '')
  );
}

function byName(a: string, b: string): number {
  return BY_NUMBER.compare(a, b) || compareText(a, b);
}
