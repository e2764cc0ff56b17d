import * as z from 'zod';
import { DriverPackage } from '../drivers/package.ts';

/** A package of drivers that was to be brought into a folder, and what became of it. */
export const ExportedPackage = z.strictObject({
  ...DriverPackage.shape,
  services: z.array(z.string()).describe('The distribution services that it is pinned for.'),
  result: z
    .enum(['written', 'there', 'failed'])
    .describe('`there`: the folder had these bytes already; `failed`: it has nothing of the package.'),
  from: z.string().optional().describe('Where its bytes came from.'),
  code: z.string().optional().describe('Stable name of what went wrong, as `explain drivers/CODE` knows it.'),
  why: z.string().optional().describe('What went wrong, in one sentence.'),
  hint: z.string().optional().describe('What a person may do about it; begins with a verb.'),
});
export type ExportedPackage = z.infer<typeof ExportedPackage>;

/** What `weka-gitops drivers export --output json` prints. */
export const DriversExport = z.strictObject({
  kind: z.literal('DriversExport'),
  cluster: z.string(),
  folder: z.string().describe('The folder that a web server may serve.'),
  packages: z.array(ExportedPackage),
});
export type DriversExport = z.infer<typeof DriversExport>;
