import * as z from 'zod';
import { computeFields } from './node/compute.ts';
import { ReportedDrivers } from './node/drivers.ts';
import { kernelFields } from './node/kernel.ts';
import { networkFields } from './node/network.ts';
import { observed, text } from './node/observed.ts';
import { storageFields } from './node/storage.ts';

/** Raised when what a field means changes. A reader takes a report of another version as unknown. */
export const NODE_REPORT_VERSION = 1;

export const OperatingSystem = z.object({
  id: text(64).min(1).describe('`ID` of os-release, e.g. `ubuntu`.'),
  versionId: text(128).optional().describe('`VERSION_ID`, e.g. `24.04`.'),
  version: text(256).optional().describe('`VERSION`; on Red Hat CoreOS it tells the build.'),
  variantId: text(64).optional().describe('`VARIANT_ID`, e.g. `coreos`.'),
  buildId: text(128).optional().describe('`BUILD_ID`; drivers for Container-Optimized OS are built for it.'),
});
export type OperatingSystem = z.infer<typeof OperatingSystem>;

/** Everything that is seen of a node. A field that a version adds is unknown in reports of older agents. */
export const NodeObservation = z.object({
  bootId: observed(z.guid()).describe(
    'Changes with every boot; a report of another boot tells nothing of this one.',
  ),
  os: observed(OperatingSystem).describe('The operating system.'),
  ...kernelFields,
  ...computeFields,
  ...storageFields,
  ...networkFields,
});
export type NodeObservation = z.infer<typeof NodeObservation>;

/** What the agent of a node found. The same findings have the same bytes. */
export const NodeReport = z.object({
  schemaVersion: z.literal(NODE_REPORT_VERSION).describe('Version of this form.'),
  node: text(253).min(1).describe('Name of the node.'),
  agentVersion: text(64).describe('Version of the agent that wrote it.'),
  intentGeneration: z
    .int()
    .min(0)
    .describe(
      'Generation of the intent that the agent had read when it wrote this; 0 where it had read none.',
    ),
  intentRefused: text(400)
    .min(1)
    .optional()
    .describe(
      'Why the agent goes by no intent though there is one, such as a version that it does not know.',
    ),
  observed: NodeObservation.describe('What the agent saw.'),
  drivers: ReportedDrivers.describe('How far it is with drivers; absent where no intent has asked for any.'),
});
export type NodeReport = z.infer<typeof NodeReport>;
