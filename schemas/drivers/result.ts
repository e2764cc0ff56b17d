import * as z from 'zod';
import { text } from '../node/observed.ts';
import { DriverPackage } from './package.ts';
import { DriverTarget } from './target.ts';

/** A kubelet keeps so much of what a container leaves in its termination log. */
export const MAX_RESULT_BYTES = 4096;

/** Code of a build for a kernel that its node has not booted, where the vendor's command would build: it does so for the kernel that runs alone. */
export const RUNNING_KERNEL_ONLY = 'RUNNING_KERNEL_ONLY';

/** How a pod that builds, fetches or loads drivers ended: JSON in its termination message, which is all that it tells the cluster. */
export const DriverResult = z.discriminatedUnion('result', [
  z.object({
    schemaVersion: z.literal(1),
    result: z.literal('published').describe('The package is in the distribution service.'),
    package: DriverPackage,
    signedWith: text(64).optional().describe('Fingerprint of the key that the modules are signed with.'),
  }),
  z.object({
    schemaVersion: z.literal(1),
    result: z.literal('loaded').describe('The vendor’s command has installed the package on the node.'),
    package: DriverPackage,
    node: text(253),
    bootId: text(64),
  }),
  z.object({
    schemaVersion: z.literal(1),
    result: z.literal('failed'),
    code: text(64)
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .describe('Stable, e.g. `NO_HEADERS`, `BUILD_TIMEOUT`, `COMPILE`, `DIGEST`.'),
    message: text(400).describe('One sentence.'),
    hint: text(400).optional(),
    target: DriverTarget.optional(),
    lastLines: z
      .array(text(300))
      .max(20)
      .optional()
      .describe('Last lines of what failed, e.g. of the compiler.'),
  }),
]);
export type DriverResult = z.infer<typeof DriverResult>;
