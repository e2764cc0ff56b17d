import { type ApplySetParent, applySetId, PART_OF } from './core/desired/ownership.ts';
import { buildDesired } from './core/desired/build.ts';
import type { DesiredObject } from './core/desired/desired.ts';
import { type Health, healthOf } from './core/health/health.ts';
import { KINDS } from './core/kube/kinds.ts';
import { type GroupKind, groupKind, type KubeObject, type ObjectId } from './core/kube/object.ts';
import { type Brake, brakeNames, brakeOf, withBrake } from './core/plan/brake.ts';
import { isWrite } from './core/plan/change.ts';
import { planDigest } from './core/plan/digest.ts';
import { plan } from './core/plan/plan.ts';
import {
  EMPTY_RECORD,
  type InstallationRecord,
  parseRecord,
  recordObject,
  sameRecord,
  withObjects,
} from './core/plan/record.ts';
import type { Assessment, Report } from './core/report/report.ts';
import { statusCommit } from './core/report/status-page.ts';
import { isError } from './core/spec/finding.ts';
import { type Ceilings, parseSpecs } from './core/spec/parse.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, CommitSha, Live, Ports, ReadScope, Snapshot } from './ports.ts';
import { apply } from './world/apply/apply.ts';
import { prove } from './world/apply/prove.ts';

/** What a pass has to know besides the repository and the cluster. */
export interface PassConfig {
  readonly cluster: string;
  readonly ref: string;
  readonly installation: ApplySetParent & { readonly image: string };
  readonly ceilings: Omit<Ceilings, 'systemNamespace'>;
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
}

/** The cluster's own record of what we applied was damaged, so what may be pruned is not known. */
export class RecordError extends ReconcilerError {
  readonly code = 'RECORD_DAMAGED';
  readonly retry = 'after-change';

  constructor({ namespace, name }: ApplySetParent) {
    super(`ConfigMap ${namespace}/${name}, which records what was applied, cannot be read.`, {
      hint: `Restore it from a backup, or delete it: kubectl delete configmap -n ${namespace} ${name}. The next pass makes it anew; objects whose manifests went away meanwhile are then still found by their label.`,
    });
  }
}

/** Where the manifests come from: the repository, or files that somebody has not committed yet. */
export type Origin = (lastCommit: CommitSha | undefined) => Promise<Snapshot>;

/** What a pass would do. This is all that `plan` and `status` run; it writes nothing. */
export async function assess(origin: Origin, cluster: Cluster, config: PassConfig): Promise<Pass> {
  const { installation } = config;
  const applySet = applySetId(installation);
  const [parent, brake] = await Promise.all([
    cluster.get(configMap(installation.namespace, installation.name)),
    readBrake(cluster, installation),
  ]);
  const record = parent === undefined ? EMPTY_RECORD : parseRecord(parent, installation);
  if (record === undefined) throw new RecordError(installation);

  const snapshot = await origin(record.lastCommit as CommitSha | undefined);
  const specs = parseSpecs(snapshot.files, { ...config.ceilings, systemNamespace: installation.namespace });
  const built = buildDesired(specs, { applySet, image: installation.image });
  const findings = [...snapshot.findings, ...specs.findings, ...built.findings];
  const { settings } = specs;

  const scope = scopeOf(parent === undefined ? undefined : record, built.objects, applySet);
  const live = toldOf(await cluster.read(scope), parent === undefined ? built.objects : undefined);
  const blocked = pruneBlock(findings.filter(isError).length, live, built.objects.length === 0);
  const planned = plan({
    desired: built.objects,
    live: live.objects,
    unread: live.unread,
    broken: built.broken,
    settings: settings.spec,
    applySet,
    prune: {
      settings: settings.spec.prune,
      alreadyPruned: record.lastCommit === snapshot.commit ? record.pruned : 0,
      ...(blocked === undefined ? {} : { blocked }),
    },
  });
  const { pruneBlocked } = planned;
  const changes = withBrake(planned.changes, brake);
  const assessment: Assessment = {
    cluster: config.cluster,
    ref: config.ref,
    commit: snapshot.commit,
    author: snapshot.author,
    subject: snapshot.subject,
    files: snapshot.files.length,
    documents: specs.documents,
    settings,
    findings,
    changes,
    digest: planDigest(changes),
    unread: live.unread,
    health: healthOfAll(built.objects, live),
    ...(pruneBlocked === undefined ? {} : { pruneBlocked }),
    ...(brake === undefined ? {} : { brake }),
  };
  return { assessment, record, parent, desired: built.objects, scope };
}

/** The assessment with its plan proved: the API server was asked to check each write without making it. */
export async function proved({ assessment }: Pass, cluster: Cluster): Promise<Assessment> {
  const changes = await prove(assessment.changes, cluster);
  return { ...assessment, changes, digest: planDigest(changes) };
}

/** A finished pass, and whether it could be told on the status branch. */
export interface Reconciled {
  readonly report: Report;
  readonly published: Published;
}

/** `commit` is absent where there was nothing new to tell, or where the status branch is switched off. */
export type Published =
  | { readonly ref?: string; readonly commit?: CommitSha }
  | { readonly ref: string; readonly error: ReconcilerError };

/** One pass: what the repository asks for, made true in the cluster and told on the status branch. */
export async function reconcile(
  ports: Ports,
  config: PassConfig,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Reconciled> {
  const { repository, cluster, clock, log } = ports;
  const startedAt = clock.now();
  const pass = await assess((lastCommit) => repository.read(lastCommit), cluster, config);
  const { assessment, desired } = pass;
  const writes = assessment.changes.filter(isWrite);
  log.info({ commit: assessment.commit, digest: assessment.digest, writes: writes.length }, 'Planned');

  // Recorded first, so that a crash midway leaves no object untracked and no deletion uncounted.
  const spent = pass.record.lastCommit === assessment.commit ? pass.record.pruned : 0;
  const before: InstallationRecord = {
    ...withObjects(
      pass.record,
      desired.map(({ object }) => object),
    ),
    lastCommit: assessment.commit,
    pruned: spent + writes.filter(({ op }) => op === 'prune').length,
  };
  const recorder = new Recorder(cluster, config, pass);
  await recorder.write(before);

  const outcomes = await apply(assessment.changes, cluster, {
    log,
    brake: () => readBrake(cluster, config.installation),
    ...(signal === undefined ? {} : { signal }),
  });
  const live = writes.length === 0 ? undefined : await cluster.read(pass.scope);
  const pruned = outcomes.filter(({ change, result }) => change.op === 'prune' && result === 'done').length;
  await recorder.write({
    ...(live === undefined || live.unread.length > 0
      ? before
      : withObjects(EMPTY_RECORD, tracked(desired, live, pass))),
    lastCommit: assessment.commit,
    pruned: spent + pruned,
  });

  const report: Report = {
    ...assessment,
    health: live === undefined ? assessment.health : healthOfAll(desired, live),
    outcomes,
    startedAt,
    finishedAt: clock.now(),
  };
  return { report, published: await publish(ports, report) };
}

/** The pass is over when this begins, so a failure is told beside its report and does not take its place. */
async function publish({ statusBranch, clock }: Ports, report: Report): Promise<Published> {
  if (statusBranch === undefined) return {};
  const { ref } = statusBranch;
  const { history } = report.settings.spec.status;
  try {
    const commit = await statusBranch.publish((tip) =>
      statusCommit(report, tip, { now: clock.now(), history }),
    );
    return { ref, ...(commit === undefined ? {} : { commit }) };
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    return { ref, error };
  }
}

/** Keeps the ApplySet parent; a write that another installation of the same name made in between is a conflict. */
class Recorder {
  readonly #cluster: Cluster;
  readonly #config: PassConfig;
  #record: InstallationRecord;
  #parent: KubeObject | undefined;

  constructor(cluster: Cluster, config: PassConfig, { record, parent }: Pass) {
    this.#cluster = cluster;
    this.#config = config;
    this.#record = record;
    this.#parent = parent;
  }

  async write(record: InstallationRecord): Promise<void> {
    if (this.#parent !== undefined && sameRecord(record, this.#record)) return;
    const { installation, version } = this.#config;
    if (this.#parent === undefined) await this.#ensureNamespace(installation.namespace);
    const object = recordObject(record, installation, version);
    const resourceVersion = this.#parent?.metadata.resourceVersion;
    this.#parent = await this.#cluster.apply(
      resourceVersion === undefined
        ? object
        : { ...object, metadata: { ...object.metadata, resourceVersion } },
      { force: true },
    );
    this.#record = record;
  }

  async #ensureNamespace(name: string): Promise<void> {
    const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    if ((await this.#cluster.get(namespace)) === undefined)
      await this.#cluster.apply(namespace, { force: false });
  }
}

function configMap(namespace: string, name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

async function readBrake(cluster: Cluster, { name, namespace }: ApplySetParent): Promise<Brake | undefined> {
  const names = brakeNames(name);
  const [suspend, freeze] = await Promise.all([
    cluster.get(configMap(namespace, names.suspend)),
    cluster.get(configMap(namespace, names.freeze)),
  ]);
  return brakeOf({ suspend, freeze });
}

/** Without a record every kind is listed, so that what an earlier installation left behind is found. */
function scopeOf(
  record: InstallationRecord | undefined,
  desired: readonly DesiredObject[],
  applySet: string,
): ReadScope {
  const wanted = desired.map(({ object }) => object);
  const kinds = new Set<GroupKind>(
    record?.kinds ?? KINDS.filter(({ allowed }) => allowed === 'always').map(groupKind),
  );
  const namespaces = new Set(record?.namespaces);
  for (const object of wanted) {
    kinds.add(groupKind(object));
    if (object.metadata.namespace !== undefined) namespaces.add(object.metadata.namespace);
  }
  return { kinds: [...kinds], namespaces: [...namespaces], wanted, applySet };
}

/** A first pass looks at kinds that nobody asks for, only in case; where it may not, that is no gap. */
function toldOf(live: Live, firstWanted: readonly DesiredObject[] | undefined): Live {
  if (firstWanted === undefined) return live;
  const kinds = new Set(firstWanted.map(({ object }) => groupKind(object)));
  return { ...live, unread: live.unread.filter(({ kind }) => kinds.has(kind)) };
}

/** What the record has to cover after a pass: what is asked for, and what of ours is still there. */
function tracked(desired: readonly DesiredObject[], live: Live, { scope }: Pass): readonly KubeObject[] {
  const members = [...live.objects.values()].filter(
    ({ metadata }) => metadata.labels?.[PART_OF] === scope.applySet,
  );
  return [...desired.map(({ object }) => object), ...members];
}

/** Why nothing may be pruned, whatever is asked for. A failed or empty read is never an instruction. */
function pruneBlock(errors: number, { objects, unread }: Live, empty: boolean): string | undefined {
  if (errors > 0) return errors === 1 ? 'a manifest has an error' : `manifests have ${errors} errors`;
  const [gap] = unread;
  if (gap !== undefined) return `${gap.kind} objects could not be listed: ${gap.why}`;
  if (empty && objects.size > 0) {
    return 'the repository asks for no object at all; to remove everything, do it in steps or delete by hand';
  }
  return undefined;
}

function healthOfAll(desired: readonly DesiredObject[], live: Live): ReadonlyMap<ObjectId, Health> {
  return new Map(
    desired.map(({ id }): [ObjectId, Health] => {
      const object = live.objects.get(id);
      return [
        id,
        object === undefined ? { state: 'missing', message: 'It is not in the cluster' } : healthOf(object),
      ];
    }),
  );
}
