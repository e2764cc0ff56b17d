import type { z } from 'zod';
import { Approval, APPROVAL_ACTED_ON } from './approval.ts';
import { Settings, SETTINGS_ACTED_ON } from './settings.ts';
import { WEKA_CLIENT_ACTED_ON, WekaClient } from './weka-client.ts';
import { WEKA_CLUSTER_ACTED_ON, WekaCluster } from './weka-cluster.ts';
import { WEKA_CONTAINER_ACTED_ON, WekaContainer } from './weka-container.ts';
import { WEKA_MANUAL_OPERATION_ACTED_ON, WekaManualOperation } from './weka-manual-operation.ts';
import { WEKA_POLICY_ACTED_ON, WEKA_POLICY_CHECKED_TYPES, WekaPolicy } from './weka-policy.ts';

/** A kind that has a schema here, because no API server knows it. */
export interface SpecKind {
  readonly apiVersion: 'weka-gitops.dev/v1' | 'weka.weka.io/v1alpha1';
  readonly kind: string;
  readonly namespaced: boolean;
  /** Parsing fills in the defaults. A field's description, and whether it is deprecated, is in its `meta()`. */
  readonly schema: z.ZodType;
  /** Paths of the fields that this version acts on; what is below one is acted on too. Empty: the kind is only checked. */
  readonly actedOn: ReadonlySet<string>;
  /** What it is acted on for, where that is little: a manifest's other fields are told of in one line. */
  readonly actedOnFor?: string;
  /** Values of `spec.type` with which it is only checked. */
  readonly checkedTypes?: ReadonlySet<string>;
}

const DRIVERS = 'the drivers of its nodes';

/** Every kind of ours and of the vendor. New ones register here. */
export const SPEC_KINDS: readonly SpecKind[] = [
  ours('Settings', Settings, SETTINGS_ACTED_ON),
  ours('Approval', Approval, APPROVAL_ACTED_ON),
  { ...vendors('WekaCluster', WekaCluster, WEKA_CLUSTER_ACTED_ON), actedOnFor: DRIVERS },
  { ...vendors('WekaClient', WekaClient, WEKA_CLIENT_ACTED_ON), actedOnFor: DRIVERS },
  vendors('WekaContainer', WekaContainer, WEKA_CONTAINER_ACTED_ON),
  { ...vendors('WekaPolicy', WekaPolicy, WEKA_POLICY_ACTED_ON), checkedTypes: WEKA_POLICY_CHECKED_TYPES },
  vendors('WekaManualOperation', WekaManualOperation, WEKA_MANUAL_OPERATION_ACTED_ON),
];

function ours(kind: string, schema: z.ZodType, actedOn: ReadonlySet<string>): SpecKind {
  return { apiVersion: 'weka-gitops.dev/v1', kind, namespaced: false, schema, actedOn };
}

function vendors(kind: string, schema: z.ZodType, actedOn: ReadonlySet<string>): SpecKind {
  return { apiVersion: 'weka.weka.io/v1alpha1', kind, namespaced: true, schema, actedOn };
}
