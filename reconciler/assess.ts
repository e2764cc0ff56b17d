import { randomBytes } from 'node:crypto';
import { withCertificates } from './core/drivers/certificates.ts';
import { applySetId } from './core/desired/ownership.ts';
import { type Built, buildDesired, type MadeObjects } from './core/desired/build.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import type { DriverPodsContext } from './core/desired/driver-pods.ts';
import type { KubeObject } from './core/kube/object.ts';
import { lint } from './core/lint/lint.ts';
import { ApprovalBook } from './core/plan/approvals/book.ts';
import { targetOf } from './core/plan/approvals/request.ts';
import { type ApprovalFloor, approvalRules } from './core/plan/approvals/rules.ts';
import { brakeOf } from './core/plan/brake.ts';
import { decide, type DecideInput } from './core/plan/decide.ts';
import { healthOfAll } from './core/plan/health-of-all.ts';
import { pruneBlock } from './core/plan/prune-block.ts';
import { keyedMark, type Mark } from './core/plan/mark.ts';
import { planDigest } from './core/plan/digest.ts';
import { budgetCommit, type InstallationRecord, type Spent, spentOn } from './core/plan/record.ts';
import type { Assessment } from './core/report/report.ts';
import { isError } from './core/spec/finding.ts';
import { KnownFiles } from './core/spec/known-files.ts';
import {
  type Ceilings,
  type FileSpecs,
  type HeldSettings,
  type ParsedSpecs,
  parseSpecs,
} from './core/spec/parse.ts';
import { unreadFiles } from './core/spec/unread-files.ts';
import { askPlaces } from './ask-places.ts';
import { assessDrivers, type DriversAssessed, labelledNodes, withDrivers } from './assess-drivers.ts';
import { driversScope, withoutIntentsGap, readDrivers } from './read-drivers.ts';
import { scopeOf, toldOf } from './assess-scope.ts';
import { askPods } from './ask-pods.ts';
import { askVolumes } from './ask-volumes.ts';
import type {
  Cluster,
  CommitSha,
  DriverRegistry,
  Interruptible,
  Live,
  ReadScope,
  Snapshot,
} from './ports.ts';
import type { KnownLock } from './driver-lock.ts';
import { permittedRegistry } from './permitted-registry.ts';
import { readBrakes } from './read-brake.ts';
import { configMapOf, type Installation, readRecord } from './recorder.ts';
import { prove, type ProveOptions } from './world/apply/prove.ts';

/** Its key lives as long as the process and leaves it never, so that nobody can try guesses against what a plan hides. */
const OWN_MARK = keyedMark(randomBytes(32));

/** What a pass has to know besides the repository and the cluster. */
export interface PassConfig {
  readonly cluster: string;
  readonly ref: string;
  readonly installation: Installation;
  readonly ceilings: Omit<Ceilings, 'systemNamespace' | 'agentNamespace'>;
  /** Which consent the process asks for at least. */
  readonly approvals?: ApprovalFloor | undefined;
  /** How pods of ours reach registries of drivers. */
  readonly drivers?: Pick<DriverPodsContext, 'proxy' | 'registryCa' | 'registries'> | undefined;
  readonly version: string;
}

/** The assessment with what carrying it out needs besides. */
export interface Pass {
  readonly assessment: Assessment;
  readonly record: InstallationRecord;
  /** The ApplySet parent as it was read; absent before the first pass. */
  readonly parent: KubeObject | undefined;
  readonly desired: readonly DesiredObject[];
  readonly scope: ReadScope;
  /** What is in the scope, gaps that do not matter to the plan included. */
  readonly live: Live;
  /** What was pruned for this commit in earlier passes. */
  readonly spent: Spent;
  /** What the changes were decided by. */
  readonly input: DecideInput;
  /** Digests of all consent that the plan needs, given or not. */
  readonly asked: ReadonlySet<string>;
  /** What it does about drivers, where a manifest has anything to do with them. */
  readonly drivers?: DriversAssessed | undefined;
}

/** Where the manifests come from: the repository, or files that somebody has not committed yet. */
export type Origin = (lastCommit: CommitSha | undefined, options?: Interruptible) => Promise<Snapshot>;

/** What the manifests of a snapshot ask for. */
interface Prepared {
  readonly specs: ParsedSpecs;
  readonly built: Built;
}

/** Reads the manifests of a snapshot, under other Settings than its own where some are given; what it gives depends on nothing but its arguments. */
export type Prepare = (snapshot: Snapshot, config: PassConfig, settings?: HeldSettings) => Prepared;

export const prepare: Prepare = (snapshot, config, settings) => prepared(snapshot, config, { settings });

interface PreparedOptions {
  readonly settings?: HeldSettings | undefined;
  readonly knownFiles?: KnownFiles<FileSpecs>;
  readonly made?: MadeObjects;
}

function prepared(
  { files, findings }: Snapshot,
  { ceilings, installation }: PassConfig,
  { settings, knownFiles, made }: PreparedOptions,
): Prepared {
  const { namespace: systemNamespace, agentNamespace } = installation;
  const within = { ...ceilings, systemNamespace, agentNamespace };
  const unread = unreadFiles(files, findings);
  const specs = lint(parseSpecs(files, within, knownFiles, settings, unread));
  const context = { applySet: applySetId(installation), image: installation.image };
  return { specs, built: buildDesired(specs, context, made) };
}

/**
 * `prepare` for a process with one configuration that looks at the same snapshot many times, and at snapshots that are
 * much like the one before: only files that changed are read and checked again.
 */
export function preparedOnce(): Prepare {
  const known = new WeakMap<
    Snapshot,
    { readonly under: HeldSettings | undefined; readonly made: Prepared }
  >();
  const knownFiles = new KnownFiles<FileSpecs>();
  const made: MadeObjects = new WeakMap();
  return (snapshot, config, settings) => {
    const found = known.get(snapshot);
    if (found !== undefined && found.under === settings) return found.made;
    const now = prepared(snapshot, config, { settings, knownFiles, made });
    known.set(snapshot, { under: settings, made: now });
    return now;
  };
}

/** How an assessment is made. */
export interface AssessOptions extends Interruptible {
  /** What approvals are held against. */
  readonly now: Date;
  readonly prepare?: Prepare | undefined;
  /** What holds in place of the repository's own Settings, whose findings are told all the same. */
  readonly settings?: HeldSettings | undefined;
  /** What stands for hidden values; one that tells whether two are the same where unset. */
  readonly mark?: Mark | undefined;
  /** Who is asked for ready drivers; nobody where unset. */
  readonly registry?: DriverRegistry | undefined;
}

/** What a pass would do. This is all that `plan` and `status` run; it writes nothing. */
export async function assess(
  origin: Origin,
  cluster: Cluster,
  config: PassConfig,
  { prepare: read = prepare, settings: given, mark = OWN_MARK, registry, signal, now }: AssessOptions,
): Promise<Pass> {
  const { installation } = config;
  const applySet = applySetId(installation);
  const [{ record, parent }, brakes] = await Promise.all([
    readRecord(cluster, installation, { signal }),
    readBrakes(cluster, installation, { signal }),
  ]);
  const snapshot = await origin(record.lastCommit as CommitSha | undefined, { signal });
  signal?.throwIfAborted();
  const { specs, built } = read(snapshot, config, given);
  const findings = [...snapshot.findings, ...specs.findings, ...built.findings];
  const { settings } = specs;
  const brake = brakeOf({ ...brakes, settings: settings.spec.suspend });

  const about = driversScope(specs, installation);
  const scope = scopeOf(parent === undefined ? undefined : record, built.objects, applySet, {
    about,
    installation,
  });
  const [seen, driversRead] = await Promise.all([
    cluster.read(scope, { signal }),
    readDrivers(about, built.objects, cluster, installation, { signal }),
  ]);
  const live = toldOf(
    about === undefined ? seen : withoutIntentsGap(seen, installation),
    parent === undefined ? built.objects : undefined,
  );
  const { image } = installation;
  const [placed, storage] = await Promise.all([
    askPlaces(built.objects, live, cluster, { applySet, image, signal }),
    askVolumes(built.objects, live, cluster, { signal }),
  ]);
  const spent = spentOn(snapshot.commit, record, seen);
  const book = new ApprovalBook(
    specs.specs.filter((spec) => spec.kind === 'Approval'),
    {
      rules: approvalRules(settings.spec.approvals, config.approvals, settings.doubt),
      uses: record.uses,
      now,
      cluster: config.cluster,
    },
  );
  const { commit } = snapshot;
  const drivers =
    driversRead?.isAsked === true
      ? await assessDrivers(driversRead, {
          specs: { ...specs, findings: [...snapshot.findings, ...specs.findings] },
          live: seen,
          installation,
          commit,
          registry: permittedRegistry(registry, {
            allowed: config.ceilings.driverRegistries,
            doubt: settings.doubt,
          }),
          registries: config.ceilings.driverRegistries,
          book,
          ref: config.ref,
          signal,
        })
      : undefined;
  const { known, nodes } = driversRead ?? {};
  const context = {
    ...config.drivers,
    applySet,
    image,
    specs: specs.specs,
    live: seen.objects,
    ca: known?.ca,
  };
  const whole = drivers === undefined ? placed : withDrivers(placed, drivers, context);
  const desired =
    driversRead === undefined
      ? whole
      : withCertificates(whole, live.objects, { ca: authorityOf(known), now });
  findings.push(...(drivers?.findings ?? []));
  const blocked = pruneBlock(findings.filter(isError).length, live, desired.length === 0);
  const labelled = labelledNodes(desired, nodes);
  const input: DecideInput = {
    desired,
    live: labelled.size === 0 ? live.objects : new Map([...live.objects, ...labelled]),
    agentNamespace: installation.agentNamespace,
    keepsDriverWork: drivers?.decision.seen.unread !== undefined,
    unread: live.unread,
    broken: built.broken,
    settings: settings.spec,
    applySet,
    storage,
    own: new Set(config.ceilings.own),
    prune: {
      settings: settings.spec.prune,
      alreadyPruned: spent.pruned,
      begun: new Set(budgetCommit(record) === snapshot.commit ? record.pruning : []),
      ...(blocked === undefined ? {} : { blocked }),
    },
    mark,
    book,
    set: targetOf(parent ?? configMapOf(installation)),
    author: snapshot.author,
    brake,
    ...(drivers === undefined ? {} : { beside: drivers.beside(config.cluster) }),
  };
  for (const request of drivers?.requests(config.cluster) ?? []) book.answer(request);
  const { findings: consentFindings, ...decision } = decide(input);
  const assessment: Assessment = {
    cluster: config.cluster,
    ref: config.ref,
    commit: snapshot.commit,
    author: snapshot.author,
    subject: snapshot.subject,
    // Of one file kustomize may make several manifests.
    files: new Set(snapshot.files.map(({ path }) => path)).size,
    documents: specs.documents,
    settings,
    findings: [...findings, ...consentFindings],
    sealedTexts: specs.sealedTexts,
    ...decision,
    unread: live.unread,
    health: healthOfAll(desired, live),
    ...(brake === undefined ? {} : { brake }),
    ...(drivers === undefined ? {} : { drivers: drivers.decision.seen }),
  };
  return {
    assessment,
    record,
    parent,
    desired,
    scope,
    live: seen,
    spent,
    input,
    asked: new Set(book.asked.keys()),
    drivers,
  };
}

/** Who vouches for certificates: nobody, where what tells it is gone; undefined where it cannot be read. */
function authorityOf(known: KnownLock | undefined): string | undefined {
  return known?.lock === undefined ? undefined : (known.ca ?? '');
}

/** The assessment with its plan proved: the API server was asked to check each write without making it. */
export async function proved(
  { assessment, input }: Pass,
  cluster: Cluster,
  options: Pick<ProveOptions, 'onBehalf'> = {},
): Promise<Assessment> {
  const tried = await prove(assessment.changes, cluster, { ...options, mark: input.mark });
  const changes = await askPods(tried, cluster);
  return { ...assessment, changes, digest: planDigest(changes) };
}
