import type { z } from 'zod';
import { Settings, SETTINGS_ACTED_ON } from './settings.ts';
import { WEKA_CONTAINER_ACTED_ON, WekaContainer } from './weka-container.ts';

/** A kind that has a schema here, because no API server knows it. */
export interface SpecKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly schema: z.ZodType;
  /** Paths of the fields that this version acts on; what is below one is acted on too. */
  readonly actedOn: ReadonlySet<string>;
}

/** Every kind of ours and of the vendor that is acted on. New ones register here. */
export const SPEC_KINDS: readonly SpecKind[] = [
  {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Settings',
    namespaced: false,
    schema: Settings,
    actedOn: SETTINGS_ACTED_ON,
  },
  {
    apiVersion: 'weka.weka.io/v1alpha1',
    kind: 'WekaContainer',
    namespaced: true,
    schema: WekaContainer,
    actedOn: WEKA_CONTAINER_ACTED_ON,
  },
];

/** Kinds that belong to the language and that this version does not act on yet. */
export const LATER_KINDS: readonly { readonly apiVersion: string; readonly kind: string }[] = [
  { apiVersion: 'weka-gitops.dev/v1', kind: 'Approval' },
  { apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaClient' },
  { apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaCluster' },
  { apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaManualOperation' },
  { apiVersion: 'weka.weka.io/v1alpha1', kind: 'WekaPolicy' },
];
