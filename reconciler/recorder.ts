import { type ApplySetParent, applySetId, PART_OF } from './core/desired/ownership.ts';
import type { KubeObject } from './core/kube/object.ts';
import {
  EMPTY_RECORD,
  type InstallationRecord,
  parseRecord,
  recordObject,
  sameRecord,
} from './core/plan/record.ts';
import { prose } from './core/report/plain.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible } from './ports.ts';

/** Where our own objects are, and the image that brings our programs into the pods of WEKA. */
export type Installation = ApplySetParent & {
  readonly image: string;
  /** Where the agents of nodes run and report. */
  readonly agentNamespace?: string | undefined;
};

/** The cluster's own record of what we applied cannot be used, so what may be pruned is not known. */
export class RecordError extends ReconcilerError {
  readonly code = 'RECORD_DAMAGED';
  readonly retry = 'after-change';

  constructor(set: ApplySetParent) {
    const { namespace, name } = set;
    super(`ConfigMap ${namespace}/${name}, which records what was applied, cannot be read.`, {
      hint:
        `Restore it, or delete it (kubectl delete configmap -n ${namespace} ${name}): the next pass makes it anew, but no ` +
        `longer knows of objects whose manifests went away meanwhile; they carry the label ${PART_OF}=${applySetId(set)}. ` +
        'Nor does it know which Approvals were used: remove those that were, since they could be used again until they end.',
    });
  }
}

/** Another tool keeps its ApplySet in the ConfigMap that is to be ours (KEP-3659). */
export class ForeignRecordError extends ReconcilerError {
  readonly code = 'RECORD_FOREIGN';
  readonly retry = 'after-change';

  constructor({ namespace, name }: ApplySetParent, tooling: string) {
    super(`ConfigMap ${namespace}/${name} is the ApplySet of ${prose(tooling, 100)}.`, {
      hint: 'Give this installation another name or namespace: installation.name, installation.namespace.',
    });
  }
}

/** The ApplySet parent, or another ConfigMap of ours, to be read. */
export function configMapOf({ name, namespace }: ApplySetParent) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

/** The record as the cluster keeps it. `parent` is absent before the first pass. Throws a RecordError for a damaged one. */
export async function readRecord(
  cluster: Pick<Cluster, 'get'>,
  set: ApplySetParent,
  options: Interruptible = {},
): Promise<{ readonly record: InstallationRecord; readonly parent: KubeObject | undefined }> {
  const parent = await cluster.get(configMapOf(set), options);
  return { record: parent === undefined ? EMPTY_RECORD : parsed(parent, set), parent };
}

function parsed(parent: KubeObject, set: ApplySetParent): InstallationRecord {
  const result = parseRecord(parent, set);
  switch (result.state) {
    case 'ok':
      return result.record;
    case 'damaged':
      throw new RecordError(set);
    case 'foreign':
      throw new ForeignRecordError(set, result.tooling);
  }
}

/** Keeps the record in the cluster. What another installation of the same name wrote in between is a conflict. */
export class Recorder {
  readonly #cluster: Cluster;
  readonly #set: ApplySetParent;
  readonly #version: string;
  #record: InstallationRecord;
  #parent: KubeObject | undefined;

  constructor(
    cluster: Cluster,
    { set, version }: { readonly set: ApplySetParent; readonly version: string },
    { record, parent }: { readonly record: InstallationRecord; readonly parent: KubeObject | undefined },
  ) {
    this.#cluster = cluster;
    this.#set = set;
    this.#version = version;
    this.#record = record;
    this.#parent = parent;
  }

  /** Whether the cluster keeps this very record already. */
  has(record: InstallationRecord): boolean {
    return this.#parent !== undefined && sameRecord(record, this.#record);
  }

  async write(record: InstallationRecord): Promise<void> {
    if (this.has(record)) return;
    if (this.#parent === undefined) await this.#ensureNamespace();
    try {
      this.#parent = await this.#apply(record);
    } catch (error) {
      if (!(error instanceof ReconcilerError) || error.code !== 'API_CONFLICT') throw error;
      const now = await readRecord(this.#cluster, this.#set);
      // Somebody put a label on it, say; the record itself is as we left it.
      if (now.parent === undefined || !sameRecord(now.record, this.#record)) throw error;
      this.#parent = now.parent;
      this.#parent = await this.#apply(record);
    }
    this.#record = record;
  }

  async #apply(record: InstallationRecord): Promise<KubeObject> {
    const object = recordObject(record, this.#set, this.#version);
    const resourceVersion = this.#parent?.metadata.resourceVersion;
    const versioned = resourceVersion === undefined ? {} : { resourceVersion };
    return await this.#cluster.apply(
      { ...object, metadata: { ...object.metadata, ...versioned } },
      { force: true },
    );
  }

  async #ensureNamespace(): Promise<void> {
    const namespace: KubeObject = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: this.#set.namespace },
    };
    if ((await this.#cluster.get(namespace)) === undefined) {
      await this.#cluster.apply(namespace, { force: false });
    }
  }
}
