import type { WekaManualOperation } from '../../../../schemas/weka-manual-operation.ts';
import type { WekaPolicy } from '../../../../schemas/weka-policy.ts';
import type { ClusterSpec } from '../../../../schemas/weka/cluster-spec.ts';
import { isRecord } from '../../kube/json.ts';
import { type KubeObject, parseObjectId } from '../../kube/object.ts';
import { podSpec, references } from '../../kube/references.ts';
import type { ValuePath } from '../../spec/source.ts';
import type { Spec, TypedSpec } from '../../spec/spec.ts';
import { describeReference } from '../client/target-of.ts';
import { perSpec } from '../per-spec.ts';
import type { SpecSet } from '../spec-rule.ts';

/** Kinds of which it is told where they are missing. */
export const REFERRED_KINDS = ['Secret', 'ConfigMap', 'ServiceAccount', 'PersistentVolumeClaim'] as const;
export type ReferredKind = (typeof REFERRED_KINDS)[number];

/** An object that a manifest needs, and where it says so. */
export interface WrittenReference {
  readonly spec: Spec;
  readonly path: ValuePath;
  readonly kind: ReferredKind;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` */
  readonly label: string;
  /** Keys that it must have: one of each list. */
  readonly keys?: readonly (readonly string[])[];
}

type Found = Pick<WrittenReference, 'path' | 'kind' | 'keys'> & { readonly name: string | undefined };

const known = new WeakMap<Pick<SpecSet, 'specs'>, ReadonlyMap<ReferredKind, readonly WrittenReference[]>>();

/** All objects of one of the kinds that manifests name; several rules ask for them. */
export function writtenReferences(
  set: Pick<SpecSet, 'specs'>,
  kind: ReferredKind,
): readonly WrittenReference[] {
  let found = known.get(set);
  if (found === undefined) {
    found = Map.groupBy(set.specs.flatMap(keptReferences), (reference) => reference.kind);
    known.set(set, found);
  }
  return found.get(kind) ?? [];
}

const NONE: readonly WrittenReference[] = [];

const keptReferences = perSpec((spec: Spec): readonly WrittenReference[] => {
  const found = [...referencesOf(spec)];
  // Most manifests name nothing.
  return found.length === 0 ? NONE : found;
});

function* referencesOf(spec: Spec): Iterable<WrittenReference> {
  if (spec.kind === 'object') {
    yield* ofObject(spec, spec.manifest);
    return;
  }
  const namespace = spec.manifest.metadata.namespace ?? '';
  for (const { name, ...found } of vendors(spec)) {
    if (name !== undefined && name !== '')
      yield { spec, namespace, name, label: describeReference({ namespace, name }), ...found };
  }
  const volumes = extraVolumes(spec);
  if (volumes !== undefined) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace }, spec: { volumes } };
    yield* ofObject(spec, pod);
  }
}

/** The place of each kind's name within a manifest: what its path says. */
const PLACES: Readonly<Record<ReferredKind, RegExp>> = {
  Secret: /secret/i,
  ConfigMap: /configmap/i,
  ServiceAccount: /serviceaccountname$/i,
  PersistentVolumeClaim: /claimname$/i,
};

/** What a plain object needs to work, as core/kube reads it; who a binding gives rights to may well come later. */
function* ofObject(spec: Spec, object: KubeObject): Iterable<WrittenReference> {
  if (podSpec(object) === undefined && !OTHERS.has(object.kind)) return;
  for (const id of references(object)) {
    const { kind, namespace, name } = parseObjectId(id);
    if (!isReferred(kind) || namespace === undefined) continue;
    yield {
      spec,
      kind,
      namespace,
      name,
      label: describeReference({ namespace, name }),
      // Looked for only where something is said of it.
      get path() {
        return pathTo(spec.manifest, name, PLACES[kind]) ?? ['metadata', 'name'];
      },
    };
  }
}

/** Kinds without a pod that name Secrets. */
const OTHERS: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'PersistentVolume',
  'StorageClass',
  'Ingress',
]);

function isReferred(kind: string): kind is ReferredKind {
  return Object.hasOwn(PLACES, kind);
}

function pathTo(value: unknown, name: string, place: RegExp, path: ValuePath = []): ValuePath | undefined {
  if (value === name) return place.test(path.join('.')) && path[0] !== 'metadata' ? path : undefined;
  const members: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((member, index) => [index, member] as const)
    : isRecord(value)
      ? Object.entries(value)
      : [];
  for (const [step, member] of members) {
    const found = pathTo(member, name, place, [...path, step]);
    if (found !== undefined) return found;
  }
  return undefined;
}

const USER = [['username'], ['password']] as const;

function vendors(spec: TypedSpec): readonly Found[] {
  switch (spec.kind) {
    case 'WekaCluster':
      return ofCluster(spec.cluster.spec);
    case 'WekaClient': {
      const { imagePullSecret, wekaSecretRef, wekaHome, serviceAccountName, globalPVC } = spec.client.spec;
      return [
        secret(['spec', 'imagePullSecret'], imagePullSecret),
        secret(['spec', 'wekaSecretRef'], wekaSecretRef, [...USER, ['join-secret']]),
        secret(['spec', 'wekaHome', 'cacertSecret'], wekaHome?.cacertSecret),
        account(serviceAccountName),
        claim(['spec', 'globalPVC', 'name'], globalPVC?.name),
      ];
    }
    case 'WekaContainer': {
      const { imagePullSecret, wekaSecretRef, additionalSecrets = {}, ...container } = spec.container.spec;
      const credentials = wekaSecretRef?.secretKeyRef;
      const config = wekaSecretRef?.configMapKeyRef;
      return [
        secret(['spec', 'imagePullSecret'], imagePullSecret),
        ...(credentials === undefined || credentials.optional === true
          ? []
          : [
              secret(['spec', 'wekaSecretRef', 'secretKeyRef', 'name'], credentials.name, [
                [credentials.key],
              ]),
            ]),
        ...(config === undefined || config.optional === true
          ? []
          : [configMap(['spec', 'wekaSecretRef', 'configMapKeyRef', 'name'], config.name)]),
        ...Object.entries(additionalSecrets).map(([folder, name]) =>
          secret(['spec', 'additionalSecrets', folder], name),
        ),
        account(container.serviceAccountName),
        claim(['spec', 'pvc', 'name'], container.pvc?.name),
      ];
    }
    case 'WekaPolicy':
      return ofRun(spec.policy.spec);
    case 'WekaManualOperation':
      return ofRun(spec.operation.spec);
    case 'Approval':
      return [];
  }
}

function ofCluster(cluster: ClusterSpec): readonly Found[] {
  const { imagePullSecret, operatorSecretRef, wekaHome, smbw, telemetry, serviceAccountName, globalPVC } =
    cluster;
  return [
    secret(['spec', 'imagePullSecret'], imagePullSecret),
    secret(['spec', 'operatorSecretRef'], operatorSecretRef, [...USER, ['join-secret']]),
    secret(['spec', 'wekaHome', 'cacertSecret'], wekaHome?.cacertSecret),
    secret(['spec', 'smbw', 'domainJoinSecret'], smbw?.domainJoinSecret, [
      ['password', 'Password', 'PASSWORD'],
    ]),
    ...(telemetry?.exports ?? []).flatMap(({ splunk }, index) =>
      (['authTokenSecretRef', 'caCertSecretRef'] as const).map((field) => {
        const { name, key } = secretKey(splunk?.[field]);
        const path = ['spec', 'telemetry', 'exports', index, 'splunk', field];
        return secret(path, name, key === undefined ? [] : [[key]]);
      }),
    ),
    account(serviceAccountName),
    claim(['spec', 'globalPVC', 'name'], globalPVC?.name),
  ];
}

type RunSpec = Pick<
  WekaPolicy['spec'] & WekaManualOperation['spec'],
  'imagePullSecret' | 'serviceAccountName'
> & {
  readonly payload: Pick<WekaPolicy['spec']['payload'], 'remoteTracesSessionPayload'>;
};

function ofRun({ imagePullSecret, serviceAccountName, payload }: RunSpec): readonly Found[] {
  return [
    secret(['spec', 'imagePullSecret'], imagePullSecret),
    secret(
      ['spec', 'payload', 'remoteTracesSessionPayload', 'wekahomeCaSecret'],
      payload.remoteTracesSessionPayload?.wekahomeCaSecret,
    ),
    account(serviceAccountName),
  ];
}

/** Name and key of `NAME.KEY`, split at the last dot: names have dots too. */
export function secretKey(text: string | undefined): {
  readonly name: string | undefined;
  readonly key: string | undefined;
} {
  const dot = text?.lastIndexOf('.') ?? -1;
  if (text === undefined || dot < 1 || dot === text.length - 1) return { name: undefined, key: undefined };
  return { name: text.slice(0, dot), key: text.slice(dot + 1) };
}

function extraVolumes(spec: TypedSpec): unknown {
  switch (spec.kind) {
    case 'WekaCluster':
      return spec.cluster.spec.podConfig?.extraVolumes;
    case 'WekaClient':
      return spec.client.spec.extraVolumes;
    case 'WekaContainer':
      return spec.container.spec.extraVolumes;
    default:
      return undefined;
  }
}

function secret(path: ValuePath, name: string | undefined, keys: readonly (readonly string[])[] = []): Found {
  return { path, kind: 'Secret', name, ...(keys.length === 0 ? {} : { keys }) };
}

function configMap(path: ValuePath, name: string | undefined): Found {
  return { path, kind: 'ConfigMap', name };
}

function account(name: string | undefined): Found {
  return { path: ['spec', 'serviceAccountName'], kind: 'ServiceAccount', name };
}

function claim(path: ValuePath, name: string | undefined): Found {
  return { path, kind: 'PersistentVolumeClaim', name };
}
