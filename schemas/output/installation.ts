import { z } from 'zod';
import { Obstacle } from './status.ts';

/** An object of the installation, and what became of it. */
export const InstalledObject = z.strictObject({
  target: z.string().describe('E.g. `apps/v1/Deployment/weka-gitops-system/weka-gitops`.'),
  result: z
    .enum(['created', 'changed', 'unchanged', 'kept', 'removed'])
    .describe('`kept`: it is somebody else’s, and stays as it is.'),
});
export type InstalledObject = z.infer<typeof InstalledObject>;

/** What `weka-gitops install --output json` prints, and `uninstall`. */
export const Installation = z.strictObject({
  kind: z.enum(['Installation', 'Uninstallation']),
  cluster: z.string(),
  version: z.string().describe('The version of weka-gitops.'),
  kubernetes: z.string().describe('The version of the API server.'),
  written: z.boolean().describe('Whether it was done; otherwise this is what would be done.'),
  objects: z.array(InstalledObject),
  notReady: z.array(Obstacle).describe('Workloads that did not become ready in time.'),
  stays: z.array(Obstacle).describe('What an uninstallation leaves, and why.'),
  notes: z.array(z.string()).describe('What a person has to do besides.'),
});
export type Installation = z.infer<typeof Installation>;
