import type {
  ChangeOutput,
  FieldOutput,
  Operation,
  Plan,
  StageOutput,
} from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput, Report } from '../../../schemas/output/report.ts';
import { byNodes } from './node-changes.ts';

/** A group of changes that belong together, with its heading. */
export interface Group {
  /** In our own words only: `Workloads: 1 to create, 2 to change`. */
  readonly heading: string;
  readonly changes: readonly ChangeOutput[];
}

/** The groups of one WEKA cluster, or of all objects that are part of none. */
export interface Section {
  /** `WekaCluster weka/demo`; absent where the plan knows of no cluster. */
  readonly title?: string;
  readonly groups: readonly Group[];
}

const STAGE_TITLES = {
  cluster: 'Namespaces and classes',
  identity: 'Accounts and access',
  config: 'Configuration and volumes',
  network: 'Network',
  workload: 'Workloads',
  route: 'Routes from outside',
  admission: 'Admission',
} as const satisfies Record<StageOutput, string>;

/** What becomes of the objects of a stage. */
const TO_DO = {
  create: 'to create',
  update: 'to change',
  replace: 'to replace',
  run: 'to run',
} as const satisfies Partial<Record<Operation, string>>;

const OPEN = { refuse: 'Refused: a person has to decide', wait: 'Waiting' } as const;
const DRIFT = 'Drift to correct';
const PRUNE = 'To prune: no manifest asks for these any more';

/**
 * What a plan would do, by WEKA cluster and by stage. Drift stands apart, since nobody asked for it; so does what goes,
 * which goes after all else.
 */
export function plannedSections({ changes }: Pick<Plan, 'changes'>): Section[] {
  const planned = changes.filter(({ op }) => op === 'prune' || op in TO_DO);
  const home = clusterNames(planned);
  const byCluster = Map.groupBy(planned, ({ cluster }) => (cluster === undefined ? '' : home(cluster)));
  const clusters = [...byCluster.keys()].filter((name) => name !== '').toSorted(byNamespace);
  const rest = byCluster.get('') ?? [];
  return [
    ...clusters.map((name) => ({
      title: `WekaCluster ${name}`,
      groups: stageGroups(byCluster.get(name) ?? []),
    })),
    ...(rest.length === 0
      ? []
      : [{ ...(clusters.length > 0 && { title: 'Other objects' }), groups: stageGroups(rest) }]),
  ];
}

function byNamespace(a: string, b: string): number {
  // What separates them sorts below what names are made of, so that one namespace's clusters stand together.
  const [left, right] = [a.replace('/', '\0'), b.replace('/', '\0')];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A cluster-wide object names its cluster without the namespace; where only one has that name, it is of that one. */
function clusterNames(changes: readonly ChangeOutput[]): (cluster: string) => string {
  const full = new Map<string, Set<string>>();
  for (const { cluster } of changes) {
    const slash = cluster?.indexOf('/') ?? -1;
    if (cluster === undefined || slash === -1) continue;
    const name = cluster.slice(slash + 1);
    full.set(name, (full.get(name) ?? new Set()).add(cluster));
  }
  return (cluster) => {
    const [first, second] = full.get(cluster) ?? [];
    return first === undefined || second !== undefined ? cluster : first;
  };
}

function stageGroups(changes: readonly ChangeOutput[]): Group[] {
  const byGroup = Map.groupBy(changes, groupOf);
  return [
    ...counted(DRIFT, byGroup.get('drift')),
    ...Object.entries(STAGE_TITLES).flatMap(([stage, title]) => {
      const those = byGroup.get(stage as StageOutput);
      if (those === undefined) return [];
      return [{ heading: `${title}: ${toDoWords(those)}`, changes: byNodes(those) }];
    }),
    ...asked(byGroup.get('nodes')),
    ...counted(PRUNE, byGroup.get('prune')),
  ];
}

/** What nodes are asked for: an object of the API is only how they are told. */
function asked(changes: readonly ChangeOutput[] = []): Group[] {
  if (changes.length === 0) return [];
  return [{ heading: `Nodes: ${changes.length} to ask`, changes: byNodes(changes) }];
}

function groupOf(change: ChangeOutput): StageOutput | 'nodes' | 'drift' | 'prune' {
  if (change.op === 'prune') return 'prune';
  if (isOnlyDrift(change)) return 'drift';
  return change.node === undefined ? change.stage : 'nodes';
}

/** Whether nobody asked for a change. Where the manifest changed as well, it is one of its stage that says what drifted. */
function isOnlyDrift({ op, flags, fields }: ChangeOutput): boolean {
  const isTheirs = ({ from, manager, by }: FieldOutput) =>
    from === undefined || manager !== undefined || by !== undefined;
  return op === 'update' && flags.includes('drift') && fields.every(isTheirs);
}

/** `1 to create, 2 to change`: it tells what the signs before the objects mean, too. */
function toDoWords(changes: readonly ChangeOutput[]): string {
  return Object.entries(TO_DO)
    .map(([op, words]) => [changes.filter((change) => change.op === op).length, words] as const)
    .filter(([n]) => n > 0)
    .map(([n, words]) => `${n} ${words}`)
    .join(', ');
}

function counted(title: string, changes: readonly ChangeOutput[] = []): Group[] {
  return changes.length === 0 ? [] : [{ heading: `${title} (${changes.length})`, changes: byNodes(changes) }];
}

/** The changes that a pass made, by kind. */
export function madeGroups({ changes, outcomes }: Pick<Report, 'changes' | 'outcomes'>): Group[] {
  const done = new Set(outcomes.filter(({ result }) => result === 'done').map(({ target }) => target));
  // What was done is no risk any more.
  const made = changes.filter(({ target }) => done.has(target)).map((change) => ({ ...change, risks: [] }));
  const byGroup = Map.groupBy(made, (change) => (groupOf(change) === 'drift' ? 'drift' : change.op));
  return [
    ...counted('Created', byGroup.get('create')),
    ...counted('Changed', byGroup.get('update')),
    ...counted('Drift corrected', byGroup.get('drift')),
    ...counted('Replaced', byGroup.get('replace')),
    ...counted('Pruned: no manifest asks for these any more', byGroup.get('prune')),
    ...counted('Run', byGroup.get('run')),
  ];
}

/** What is not tried: what needs a person, and what waits. */
export function openGroups({ changes }: Pick<Plan, 'changes'>): Group[] {
  return Object.entries(OPEN).flatMap(([op, title]) =>
    counted(
      title,
      changes.filter((change) => change.op === op),
    ),
  );
}

/** Writes that ended so. */
export function ended(outcomes: readonly OutcomeOutput[], result: OutcomeOutput['result']): OutcomeOutput[] {
  return outcomes.filter((outcome) => outcome.result === result);
}

const SEVERITY = { failed: 0, missing: 1, progressing: 2, current: 3 } as const;

/** What works least comes first. */
export function bySeverity(objects: readonly ObjectHealth[]): ObjectHealth[] {
  return objects.toSorted((a, b) => SEVERITY[a.state] - SEVERITY[b.state]);
}
