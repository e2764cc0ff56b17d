import { UsageError } from './args.ts';
import {
  assess,
  type AssessOptions,
  type Origin,
  type Pass,
  type PassConfig,
  prepare,
  proved,
} from './assess.ts';
import { linesIn, saysObject, withCommit, withRemoval } from './core/explain/complete.ts';
import { explainContainer } from './core/explain/explain-container.ts';
import { explainDrive, nodeOfDrive } from './core/explain/explain-drive.ts';
import { explainDrivers } from './core/explain/explain-drivers.ts';
import { explainNode } from './core/explain/explain-node.ts';
import { type Explained, explainObject } from './core/explain/explain-object.ts';
import { proofScope } from './core/explain/proof-scope.ts';
import { knownIds, type Situation } from './core/explain/situation.ts';
import { findObject, type NotFound, parseTarget, type Target, unknownObject } from './core/explain/target.ts';
import { applySetId } from './core/desired/ownership.ts';
import type { Facts } from './core/facts/facts.ts';
import { type KubeObject, objectId, type ObjectId } from './core/kube/object.ts';
import { withoutSecrets } from './core/report/last-net.ts';
import { isError } from './core/spec/finding.ts';
import { ReconcilerError } from './errors.ts';
import type { Blame, Clock, Cluster, FileLine, History, Snapshot } from './ports.ts';
import type { Explanation, WrittenOutput } from '../schemas/output/explanation.ts';

/** What somebody wants to know. */
export interface Question {
  readonly target: string;
  /** A field of the object. */
  readonly field?: string | undefined;
}

/** What an answer is looked up through. */
export interface ExplainPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** What the cluster says of itself. */
  facts(): Promise<Facts>;
  /** A node, with who wrote what on it; undefined where there is none of that name. */
  node(name: string): Promise<KubeObject | undefined>;
  /** In place of the snapshot's own: where its files are not committed yet. */
  history?(): Promise<Blamer | undefined>;
}

type Blamer = Pick<History, 'blame'>;

export interface ExplainOptions extends Pick<AssessOptions, 'settings' | 'signal' | 'registry'> {
  /** Whether another account carries the plan out, whose rights are more. */
  readonly onBehalf?: boolean;
}

/**
 * Why an object, a field, a node, a drive, a container or a build of drivers is as it is. Throws a UsageError where there is no such thing.
 */
export async function explainQuestion(
  question: Question,
  origin: Origin,
  ports: ExplainPorts,
  config: PassConfig,
  given: ExplainOptions = {},
): Promise<Explanation> {
  const target = checkedTarget(question.target);
  const [seen, facts] = await Promise.all([look(origin, ports, config, given), factsFor(target, ports)]);
  const { onBehalf } = given;
  const asked: Asked = { question, ports, config, facts, onBehalf, ...seen };
  const explained = await explain(target, asked);
  const complete = await withHistory(explained, asked);
  const { ref, commit, sealedTexts = [], cluster: name } = seen.situation.assessment;
  const head = { apiVersion: 'weka-gitops.dev/v1', kind: 'Explanation', cluster: name, ref, commit } as const;
  return withoutSecrets({ ...head, ...complete }, sealedTexts);
}

/** What a text names; throws a UsageError where it names nothing that could be explained. */
export function checkedTarget(text: string): Target {
  return found(parseTarget(text));
}

/** All that an answer is made of. */
interface Asked extends Seen {
  readonly onBehalf: boolean | undefined;
  readonly question: Question;
  readonly ports: ExplainPorts;
  readonly config: PassConfig;
  /** What the cluster says of itself, or why that could not be read; undefined where nobody needs it. */
  readonly facts: Facts | ReconcilerError | undefined;
}

interface Seen {
  readonly pass: Pass;
  readonly situation: Situation;
  readonly snapshot: Snapshot;
}

/** The plan, as `weka-gitops plan` makes it before it is proved, with what it is made of. */
async function look(
  origin: Origin,
  { cluster, clock }: ExplainPorts,
  config: PassConfig,
  { onBehalf: _, ...given }: ExplainOptions,
): Promise<Seen> {
  let read: (ReturnType<typeof prepare> & { readonly snapshot: Snapshot }) | undefined;
  const pass: Pass = await assess(origin, cluster, config, {
    ...given,
    now: clock.now(),
    prepare(snapshot, ...how) {
      read = { ...prepare(snapshot, ...how), snapshot };
      return read;
    },
  });
  if (read === undefined) throw new Error('A pass reads its manifests.');
  const { specs, built, snapshot } = read;
  const { installation } = config;
  const context = { applySet: applySetId(installation), image: installation.image };
  const { assessment, desired, live } = pass;
  return { pass, situation: { assessment, specs, built, desired, live: live.objects, context }, snapshot };
}

/** The situation with the plan proved as far as it concerns `id`: of a large one it is hardly anything. */
async function provedFor(id: ObjectId, { situation, pass, ports, onBehalf }: Asked): Promise<Situation> {
  const { assessment } = situation;
  const changes = proofScope(id, situation);
  const tried = await proved({ ...pass, assessment: { ...assessment, changes } }, ports.cluster, {
    onBehalf,
  });
  const byId = new Map(tried.changes.map((change) => [change.id, change]));
  const all = assessment.changes.map((change) => byId.get(change.id) ?? change);
  return { ...situation, assessment: { ...assessment, changes: all } };
}

/** Nodes and drives are told from facts alone; where a container stands can be told without, in part. */
async function factsFor(target: Target, ports: ExplainPorts): Promise<Facts | ReconcilerError | undefined> {
  const isContainer = target.kind === 'object' && target.kinds.some(({ kind }) => kind === 'WekaContainer');
  if (target.kind === 'drivers' || (target.kind === 'object' && !isContainer)) return undefined;
  try {
    return await ports.facts();
  } catch (error) {
    if (isContainer && error instanceof ReconcilerError) return error;
    throw error;
  }
}

async function explain(target: Target, asked: Asked): Promise<Explained> {
  const { question, ports, facts, situation } = asked;
  if (target.kind === 'object') {
    const known = knownIds(situation);
    const at = findObject(target, known);
    switch (at.found) {
      case 'nothing':
        throw notFound(withUnreadFiles(at, situation));
      case 'id':
        return explainId(at.id, { ...asked, situation: await provedFor(at.id, asked) });
      case 'reference': {
        const live = await ports.cluster.get(at.reference);
        if (live === undefined) throw notFound(withUnreadFiles(unknownObject(target, known), situation));
        return found(explainObject(objectId(at.reference), situation, { field: question.field, live }));
      }
    }
  }
  if (question.field !== undefined) {
    throw new UsageError(
      `${target.kind === 'drivers' ? 'What is to say of drivers' : `A ${target.kind}`} is explained as a whole.`,
      {
        hint: `weka-gitops explain ${question.target}`,
      },
    );
  }
  if (target.kind === 'drivers') return found(explainDrivers(target.name, situation));
  if (facts === undefined || facts instanceof ReconcilerError) throw new Error('Nodes are told from facts.');
  const name = target.kind === 'node' ? target.name : nodeOfDrive(target.name, facts);
  const object = name === undefined ? undefined : await ports.node(name);
  return target.kind === 'node'
    ? found(explainNode(target.name, facts, situation, object))
    : found(explainDrive(target.name, facts, situation, object));
}

function explainId(id: ObjectId, { situation, facts, question: { field } }: Asked): Explained {
  const spec = situation.specs.specs.find((each) => each.id === id);
  if (spec?.kind !== 'WekaContainer' || facts === undefined)
    return found(explainObject(id, situation, { field }));
  const known = facts instanceof ReconcilerError ? facts.message : facts;
  return found(explainContainer(spec, situation, { field, facts: known }));
}

/** The value, or the complaint that there is none. */
function found<Value extends object>(value: Value | NotFound): Value {
  if ('message' in value && 'hint' in value) throw notFound(value);
  return value;
}

/** A file that cannot be read asks for who knows what. */
function withUnreadFiles({ message, hint }: NotFound, { assessment }: Situation): NotFound {
  const places = assessment.findings
    .filter((each) => isError(each) && each.object === undefined)
    .map(({ file, line }) => `${file}:${line}`);
  const few = [...new Set(places)].slice(0, 3).join(', ');
  return few === ''
    ? { message, hint }
    : { message, hint: `${hint} What cannot be read may hold it: ${few}.` };
}

function notFound({ message, hint }: NotFound): UsageError {
  return new UsageError(message, { hint });
}

/** Lines whose commits are looked up, and the time after which no other is. */
const MOST_LINES = 40;
const MOST_MS = 60_000;

/** The explanation with the commits that wrote its lines, or took its manifest away. */
async function withHistory(explained: Explained, asked: Asked): Promise<Explained> {
  const { snapshot, situation, config, ports } = asked;
  const { clock } = ports;
  const history = snapshot.history?.();
  const blame = blamer((await ports.history?.()) ?? history);
  const started = clock.now().getTime();
  const known = new Map<string, Blame>();
  for (const { file, line } of linesIn(explained).slice(0, MOST_LINES)) {
    if (known.has(`${file}:${line}`)) continue;
    const isLate = clock.now().getTime() - started > MOST_MS;
    known.set(`${file}:${line}`, isLate ? LATE : await blame({ file, line }));
  }
  const told = (line: WrittenOutput) => withCommit(line, known.get(`${line.file}:${line.line}`));
  const complete = {
    ...explained,
    written: explained.written.map(told),
    fields: explained.fields.map((field) => ({ ...field, written: field.written.map(told) })),
  };
  const isOrphan = explained.change !== undefined && explained.change.source === undefined;
  if (!isOrphan || explained.written.length > 0 || history === undefined) return complete;
  const { namespace: systemNamespace, agentNamespace } = config.installation;
  const ceilings = { ...config.ceilings, systemNamespace, agentNamespace };
  const says = saysObject(explained.target as ObjectId, ceilings, situation.context);
  return withRemoval(complete, await history.removal(says));
}

const LATE: Blame = { found: 'older', why: 'not looked up: the other lines took too long' };

function blamer(history: Blamer | undefined): (line: FileLine) => Promise<Blame> {
  if (history !== undefined) return (line) => history.blame(line);
  return async () => ({
    found: 'older',
    why: 'the folder is in no git repository, or nothing is committed yet',
  });
}
