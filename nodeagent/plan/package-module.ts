import * as z from 'zod';
import { Sha256 } from '../../schemas/drivers/package.ts';
import { list } from '../../schemas/node/list.ts';
import { text } from '../../schemas/node/observed.ts';

/** Packages of WEKA have five modules. */
export const MOST_MODULES = 64;

/** Longer versions, and checksums of sources, are cut off, of modules in packages and of loaded ones alike. */
export const MOST_VERSION = 256;
export const MOST_SRCVERSION = 64;

/** What a module of a package says of itself, whatever its file is named. */
export const PackageModule = z.object({
  file: text(128)
    .regex(/^\d+\.ko$/)
    .describe('Name of its file where the package is unpacked.'),
  name: text(128).regex(/^\w+$/).describe('Name as the kernel has it.'),
  architecture: text(32).describe('What it runs on, as `uname -m` prints it.'),
  vermagic: text(256).describe('Kernel that it was built for, and how that was configured.'),
  depends: list(text(128), 64).describe('Modules that have to be loaded before.'),
  version: text(MOST_VERSION).optional(),
  srcversion: text(MOST_SRCVERSION).optional(),
  buildId: text(128).optional().describe('What tells two builds of the same sources apart.'),
  isSigned: z.boolean().describe('Whether it carries a signature; whose, the kernel looks at.'),
  sha256: Sha256,
});
export type PackageModule = z.infer<typeof PackageModule>;

export const PackageModules = list(PackageModule, MOST_MODULES);
