import * as z from 'zod';
import { PackageFile, Sha256 } from './package.ts';

/** Where a distribution service has the list, in a folder that a ConfigMap is mounted at. */
export const IN_USE_FOLDER = '/var/run/weka-gitops/in-use';
/** The list's name there, and the key of the ConfigMap. */
export const IN_USE_FILE = 'packages.json';

/** What a distribution service is told of packages: which ones it removes for nothing, since somebody may ask for them. */
export const PackagesInUse = z.object({
  schemaVersion: z.literal(1),
  packages: z
    .array(
      z.object({
        file: PackageFile.describe('Its name below /dist/v1/drivers/.'),
        sha256: Sha256.describe('The digest that it has to have.'),
      }),
    )
    .max(4096)
    .describe('Each name once.'),
});
export type PackagesInUse = z.infer<typeof PackagesInUse>;
