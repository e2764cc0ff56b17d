import { z } from 'zod';

/** What may go wrong with a change, and what each name means, the gravest first. */
export const RISK_MEANINGS = {
  'data-loss': 'Data that exists now is deleted, or no longer kept from being deleted.',
  irreversible: 'It cannot be taken back by restoring the manifest.',
  drive: 'A drive is signed, erased or taken out of use.',
  quorum: 'A WEKA cluster has fewer members left that agree on its state.',
  downtime: 'What uses the storage cannot reach it for a while.',
  'kernel-module': 'Modules that a node has loaded are removed, or make way for others.',
  privilege: 'Something gets more rights, on nodes or in the Kubernetes API.',
  'prune-budget': 'More objects would be deleted than one commit may remove.',
  restart: 'Pods that run now are stopped, to be made again or for good.',
  takeover: 'Fields or whole objects are taken from whoever manages them now.',
  'cluster-scoped': 'It concerns the whole cluster and not one namespace.',
} as const;

export type RiskName = keyof typeof RISK_MEANINGS;

/** All names, the gravest first. */
export const RISK_NAMES = Object.keys(RISK_MEANINGS) as readonly RiskName[] as readonly [
  RiskName,
  ...RiskName[],
];

/** The name of a risk. */
export const RiskName = z.enum(RISK_NAMES);
