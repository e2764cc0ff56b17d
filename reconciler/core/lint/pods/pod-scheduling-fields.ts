import type { ValuePath } from '../../spec/source.ts';
import type { Spec } from '../../spec/spec.ts';
import { record } from '../../kube/json.ts';
import type { SpecSet } from '../spec-rule.ts';
import { written } from '../written.ts';

/** A part of a manifest that ends up in a pod as it is, and where it stands. */
export interface PodPart {
  readonly spec: Spec;
  readonly path: ValuePath;
  readonly value: unknown;
}

/** What manifests say of where their pods run, by kind of part. */
export interface PodParts {
  readonly affinities: readonly PodPart[];
  readonly spreads: readonly PodPart[];
  readonly tolerations: readonly PodPart[];
  /** Keys of taints, as text. */
  readonly taintKeys: readonly PodPart[];
  readonly nodeLabels: readonly PodPart[];
  /** Keys of labels of nodes, as text. */
  readonly labelKeys: readonly PodPart[];
}

/** Payloads of policies and operations that choose nodes by their labels. */
const NODE_PAYLOADS = [
  'signDrivesPayload',
  'discoverDrivesPayload',
  'ensureNICsPayload',
  'remoteTracesSessionPayload',
  'cleanStaleVirtualDrivesPayload',
  'rotateSsdProxyPayload',
  'migrateToDriveSharingPayload',
] as const;

/** The parts of every vendor's manifest that the API server checks only when a pod is made of them, or a node labelled. */
export function podParts(set: SpecSet): PodParts {
  const affinities: PodPart[] = [];
  const spreads: PodPart[] = [];
  const tolerations: PodPart[] = [];
  const taintKeys: PodPart[] = [];
  const nodeLabels: PodPart[] = [];
  const labelKeys: PodPart[] = [];
  const add = (to: PodPart[], spec: Spec, path: readonly string[]): void => {
    const value = written(spec, ...path);
    if (value !== undefined && value !== null) to.push({ spec, path, value });
  };
  const addEach = (to: PodPart[], spec: Spec, path: readonly string[]): void => {
    const values = written(spec, ...path);
    if (!Array.isArray(values)) return;
    for (const [index, value] of values.entries()) to.push({ spec, path: [...path, index], value });
  };
  const addRoles = (to: PodPart[], spec: Spec, path: readonly string[]): void => {
    for (const role of Object.keys(record(written(spec, ...path)))) add(to, spec, [...path, role]);
  };
  for (const spec of set.clusters) {
    add(affinities, spec, ['spec', 'podConfig', 'affinity']);
    addRoles(affinities, spec, ['spec', 'podConfig', 'roleAffinity']);
    add(spreads, spec, ['spec', 'podConfig', 'topologySpreadConstraints']);
    addRoles(spreads, spec, ['spec', 'podConfig', 'roleTopologySpreadConstraints']);
    addRoles(nodeLabels, spec, ['spec', 'roleNodeSelector']);
    add(tolerations, spec, ['spec', 'csiConfig', 'advanced', 'nodeTolerations']);
    add(tolerations, spec, ['spec', 'csiConfig', 'advanced', 'controllerTolerations']);
  }
  for (const spec of [...set.clusters, ...set.clients]) {
    add(nodeLabels, spec, ['spec', 'csiConfig', 'advanced', 'nodeLabels']);
    add(nodeLabels, spec, ['spec', 'csiConfig', 'advanced', 'controllerLabels']);
    add(tolerations, spec, ['spec', 'rawTolerations']);
    add(taintKeys, spec, ['spec', 'tolerations']);
    add(nodeLabels, spec, ['spec', 'nodeSelector']);
  }
  for (const spec of set.containers) {
    add(affinities, spec, ['spec', 'affinity']);
    add(spreads, spec, ['spec', 'topologySpreadConstraints']);
    add(nodeLabels, spec, ['spec', 'nodeSelector']);
  }
  for (const spec of [...set.clusters, ...set.containers]) {
    add(labelKeys, spec, ['spec', 'failureDomain', 'label']);
    addEach(labelKeys, spec, ['spec', 'failureDomain', 'compositeLabels']);
  }
  for (const spec of [...set.policies, ...set.operations]) {
    for (const payload of NODE_PAYLOADS) add(nodeLabels, spec, ['spec', 'payload', payload, 'nodeSelector']);
    const drivers = ['spec', 'payload', 'driverDistPayload'];
    add(nodeLabels, spec, [...drivers, 'distNodeSelector']);
    addEach(nodeLabels, spec, [...drivers, 'nodeSelectors']);
    for (const key of ['kernelLabelKey', 'architectureLabelKey', 'osLabelKey']) {
      add(labelKeys, spec, [...drivers, key]);
    }
  }
  for (const spec of [...set.containers, ...set.policies, ...set.operations]) {
    add(tolerations, spec, ['spec', 'tolerations']);
  }
  return { affinities, spreads, tolerations, taintKeys, nodeLabels, labelKeys };
}
