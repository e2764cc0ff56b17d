import { type Command, UsageError } from '../args.ts';
import { assess, type Origin, type Pass, type PassConfig, prepare, proved } from '../assess.ts';
import type { ExitCode } from '../cli.ts';
import type { Config } from '../config.ts';
import { linesIn, saysObject, withCommit, withRemoval } from '../core/explain/complete.ts';
import { explainContainer } from '../core/explain/explain-container.ts';
import { explainDrive, nodeOfDrive } from '../core/explain/explain-drive.ts';
import { explainNode } from '../core/explain/explain-node.ts';
import { type Explained, explainObject } from '../core/explain/explain-object.ts';
import { proofScope } from '../core/explain/proof-scope.ts';
import { knownIds, type Situation } from '../core/explain/situation.ts';
import {
  findObject,
  type NotFound,
  parseTarget,
  type Target,
  unknownObject,
} from '../core/explain/target.ts';
import { applySetId } from '../core/desired/ownership.ts';
import type { Facts } from '../core/facts/facts.ts';
import { objectId, type ObjectId } from '../core/kube/object.ts';
import { explanationMarkdown } from '../core/report/explanation-markdown.ts';
import { explanationText } from '../core/report/explanation-text.ts';
import { escapedJson } from '../core/report/json.ts';
import { withoutSecrets } from '../core/report/last-net.ts';
import { isError } from '../core/spec/finding.ts';
import { ReconcilerError } from '../errors.ts';
import type { Blame, Cluster, FileLine, Snapshot } from '../ports.ts';
import type { Program } from '../program.ts';
import type { Explanation, WrittenOutput } from '../../schemas/output/explanation.ts';
import { worktreeHistory } from '../world/git/history/worktree-history.ts';
import { passConfig } from './pass-config.ts';
import { originOf } from './plan.ts';

type ExplainCommand = Extract<Command, { verb: 'explain' }>;

/** Says why an object, a field, a node, a drive or a container is as it is. Exits 0 where there is such a thing. */
export async function explainCommand(command: ExplainCommand, program: Program): Promise<ExitCode> {
  const target = found(parseTarget(command.target));
  const config = await program.config(command.flags);
  const { worktree } = command;
  const settings = { ...passConfig(config, program), ...(worktree === undefined ? {} : { ref: 'worktree' }) };

  await using cluster = await program.cluster(config);
  const [seen, facts] = await Promise.all([
    look(originOf(worktree, config, program), cluster, settings, program),
    factsFor(target, config, program),
  ]);
  const asked: Asked = { command, config, program, cluster, facts, ...seen };
  const explained = await explain(target, asked);
  const complete = await withHistory(explained, asked);
  const { ref, commit, sealedTexts = [], cluster: name } = seen.situation.assessment;
  const head = { apiVersion: 'weka-gitops.dev/v1', kind: 'Explanation', cluster: name, ref, commit } as const;
  print(withoutSecrets({ ...head, ...complete }, sealedTexts), command, program);
  return 0;
}

function print(explanation: Explanation, { output }: ExplainCommand, { console }: Program): void {
  switch (output) {
    case 'text':
      console.print(explanationText(explanation, console));
      break;
    case 'markdown':
      console.print(explanationMarkdown(explanation));
      break;
    case 'json':
      console.print(`${escapedJson(explanation)}\n`);
      break;
  }
}

/** All that an answer is made of. */
interface Asked extends Seen {
  readonly command: ExplainCommand;
  readonly config: Config;
  readonly program: Program;
  readonly cluster: Cluster;
  /** What the cluster says of itself, or why that could not be read; undefined where nobody needs it. */
  readonly facts: Facts | ReconcilerError | undefined;
}

interface Seen {
  readonly pass: Pass;
  readonly situation: Situation;
  readonly snapshot: Snapshot;
}

/** The plan, as `weka-gitops plan` makes it before it is proved, with what it is made of. */
async function look(origin: Origin, cluster: Cluster, settings: PassConfig, program: Program): Promise<Seen> {
  let read: (ReturnType<typeof prepare> & { readonly snapshot: Snapshot }) | undefined;
  const pass: Pass = await assess(origin, cluster, settings, {
    now: program.clock.now(),
    prepare(snapshot, config) {
      read = { ...prepare(snapshot, config), snapshot };
      return read;
    },
  });
  if (read === undefined) throw new Error('A pass reads its manifests.');
  const { specs, built, snapshot } = read;
  const { installation } = settings;
  const context = { applySet: applySetId(installation), image: installation.image };
  const { assessment, desired, live } = pass;
  return { pass, situation: { assessment, specs, built, desired, live: live.objects, context }, snapshot };
}

/** The situation with the plan proved as far as it concerns `id`: of a large one it is hardly anything. */
async function provedFor(id: ObjectId, { situation, pass, cluster }: Asked): Promise<Situation> {
  const { assessment } = situation;
  const changes = proofScope(id, situation);
  const tried = await proved({ ...pass, assessment: { ...assessment, changes } }, cluster);
  const byId = new Map(tried.changes.map((change) => [change.id, change]));
  const all = assessment.changes.map((change) => byId.get(change.id) ?? change);
  return { ...situation, assessment: { ...assessment, changes: all } };
}

/** Nodes and drives are told from facts alone; where a container stands can be told without, in part. */
async function factsFor(
  target: Target,
  config: Config,
  program: Program,
): Promise<Facts | ReconcilerError | undefined> {
  const isContainer = target.kind === 'object' && target.kinds.some(({ kind }) => kind === 'WekaContainer');
  if (target.kind === 'object' && !isContainer) return undefined;
  try {
    return await program.facts(config);
  } catch (error) {
    if (isContainer && error instanceof ReconcilerError) return error;
    throw error;
  }
}

async function explain(target: Target, asked: Asked): Promise<Explained> {
  const { command, config, program, cluster, facts, situation } = asked;
  if (target.kind === 'object') {
    const known = knownIds(situation);
    const at = findObject(target, known);
    switch (at.found) {
      case 'nothing':
        throw notFound(withUnreadFiles(at, situation));
      case 'id':
        return explainId(at.id, { ...asked, situation: await provedFor(at.id, asked) });
      case 'reference': {
        const live = await cluster.get(at.reference);
        if (live === undefined) throw notFound(withUnreadFiles(unknownObject(target, known), situation));
        return found(explainObject(objectId(at.reference), situation, { field: command.field, live }));
      }
    }
  }
  if (command.field !== undefined) {
    throw new UsageError(`A ${target.kind} is explained as a whole.`, {
      hint: `weka-gitops explain ${command.target}`,
    });
  }
  if (facts === undefined || facts instanceof ReconcilerError) throw new Error('Nodes are told from facts.');
  const name = target.kind === 'node' ? target.name : nodeOfDrive(target.name, facts);
  const object = name === undefined ? undefined : await program.node(config, name);
  return target.kind === 'node'
    ? found(explainNode(target.name, facts, situation, object))
    : found(explainDrive(target.name, facts, situation, object));
}

function explainId(id: ObjectId, { situation, facts, command: { field } }: Asked): Explained {
  const spec = situation.specs.specs.find((each) => each.id === id);
  if (spec?.kind !== 'WekaContainer' || facts === undefined)
    return found(explainObject(id, situation, { field }));
  const known = facts instanceof ReconcilerError ? facts.message : facts;
  return found(explainContainer(spec, situation, { field, facts: known }));
}

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
  const { snapshot, situation, config, command, program } = asked;
  const blame = await blamer(command.worktree, snapshot);
  const started = program.clock.now().getTime();
  const known = new Map<string, Blame>();
  for (const { file, line } of linesIn(explained).slice(0, MOST_LINES)) {
    if (known.has(`${file}:${line}`)) continue;
    const isLate = program.clock.now().getTime() - started > MOST_MS;
    known.set(`${file}:${line}`, isLate ? LATE : await blame({ file, line }));
  }
  const told = (line: WrittenOutput) => withCommit(line, known.get(`${line.file}:${line.line}`));
  const complete = {
    ...explained,
    written: explained.written.map(told),
    fields: explained.fields.map((field) => ({ ...field, written: field.written.map(told) })),
  };
  const isOrphan = explained.change !== undefined && explained.change.source === undefined;
  const history = command.worktree === undefined ? snapshot.history?.() : undefined;
  if (!isOrphan || explained.written.length > 0 || history === undefined) return complete;
  const ceilings = { ...config.ceilings, systemNamespace: config.installation.namespace };
  const says = saysObject(explained.target as ObjectId, ceilings, situation.context);
  return withRemoval(complete, await history.removal(says));
}

const LATE: Blame = { found: 'older', why: 'not looked up: the other lines took too long' };

async function blamer(
  worktree: string | undefined,
  snapshot: Snapshot,
): Promise<(line: FileLine) => Promise<Blame>> {
  const history = worktree === undefined ? snapshot.history?.() : await worktreeHistory(worktree);
  if (history !== undefined) return async (line) => await history.blame(line);
  return async () => ({
    found: 'older',
    why: 'the folder is in no git repository, or nothing is committed yet',
  });
}
