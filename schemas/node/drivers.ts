import * as z from 'zod';
import { DriverPackage, Sha256 } from '../drivers/package.ts';
import { driverTargetFields } from '../drivers/target.ts';
import { list } from './list.ts';
import { text } from './observed.ts';

/** Where a package can be had: tried in this order. */
export const DriverSource = z.object({
  url: text(512)
    .regex(/^https?:\/\/[^\s/]+/, 'is no http:// or https:// address')
    .describe('Address of the distribution service, without /dist/v1.'),
  serverName: text(253)
    .optional()
    .describe('Name that its certificate is for, where the address has another.'),
  ca: text(16_384)
    .optional()
    .describe('Certificates, in PEM, that vouch for it; those of the system where unset.'),
});
export type DriverSource = z.infer<typeof DriverSource>;

/** Which drivers a node shall have. */
export const DriversIntent = z.object({
  package: DriverPackage.describe('The package, by its digest.'),
  from: list(DriverSource, 8).describe('Where it can be had.'),
  owner: text(400).describe('The manifest that asks for it, for people: `WekaCluster weka/demo`.'),
  replace: z
    .enum(['never', 'unused', 'drain'])
    .describe(
      'What may become of modules that are loaded and are others: they stay; they go once nothing uses them; what uses them is told to let go.',
    ),
  next: z
    .object({
      package: DriverPackage.describe('The package, by its digest.'),
      from: list(DriverSource, 8).describe('Where it can be had.'),
    })
    .optional()
    .describe(
      'The package for a kernel that the node has not booted yet: it is kept on the node, and loaded once that kernel runs.',
    ),
});
export type DriversIntent = z.infer<typeof DriversIntent>;

export const ModuleResult = z.object({
  name: text(128).describe('Name as the kernel has it.'),
  state: z
    .enum(['loaded', 'other', 'missing', 'refused', 'failed'])
    .describe('`other`: a module of that name is loaded, and is not that of the package.'),
  version: text(256).optional().describe('Its version, where it says one.'),
  srcversion: text(64).optional().describe('Checksum of its sources, where it says one.'),
  why: text(400).optional().describe('Why it is not loaded, in one sentence.'),
});
export type ModuleResult = z.infer<typeof ModuleResult>;

/** How far a node is with the drivers that it shall have. */
export const DriversReport = z.object({
  wanted: z
    .object({ version: driverTargetFields.version, sha256: Sha256.describe('SHA-256 of the package.') })
    .optional()
    .describe('What the intent asked for when this was written.'),
  state: z
    .enum(['loaded', 'working', 'waiting', 'failed', 'refused', 'vendor'])
    .describe(
      '`waiting`: something else has to end first; `failed`: it is tried again; `refused`: a person has to decide; `vendor`: the package is for the vendor’s command, which a pod runs on the node.',
    ),
  code: text(64)
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .optional()
    .describe('Stable name of what holds it up.'),
  message: text(400).optional().describe('What holds it up, in one sentence.'),
  hint: text(400).optional().describe('What a person may do about it; begins with a verb.'),
  users: list(text(256), 64)
    .optional()
    .describe('What uses the modules that would have to go: mounts, modules, processes.'),
  loaded: z
    .object({
      version: driverTargetFields.version,
      sha256: Sha256.describe('SHA-256 of the package.'),
      kernel: driverTargetFields.kernel,
    })
    .optional()
    .describe('What this agent loaded in this boot, or found loaded as it would have.'),
  modules: list(ModuleResult, 64).describe(
    'The modules of the package, in the order in which they are loaded.',
  ),
  cached: list(Sha256, 16).describe('Packages that are kept on the node, verified.'),
});
export type DriversReport = z.infer<typeof DriversReport>;

/** The drivers in a report of any agent. What is not as this version describes it is no absence: nobody asked for drivers then. */
export const ReportedDrivers = DriversReport.optional().catch((): DriversReport => ({
  state: 'failed',
  code: 'UNKNOWN',
  message: 'What the agent tells of drivers is not as this version describes it.',
  hint: 'Use the same version of the image for the agents and for the reconciler.',
  modules: [],
  cached: [],
}));
