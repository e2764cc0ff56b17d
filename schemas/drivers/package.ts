import { createHash } from 'node:crypto';
import * as z from 'zod';
import { text } from '../node/observed.ts';
import { type DriverTarget, driverTargetFields } from './target.ts';

/** Port of a distribution service (weka-operator §2.5). */
export const DIST_PORT = 60002;
/** Where a distribution service has driver packages (weka-operator §3.2). */
export const DRIVERS_PATH = '/dist/v1/drivers';
/** Largest package that is taken, in bytes. */
export const MAX_PACKAGE_BYTES = 1 << 30;

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256');

/** Name of a package in a distribution service; never a path. */
export const PackageFile = text(255).regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/, 'is no name of a package');

/** A package of drivers, and the digest that says which bytes are meant. */
export const DriverPackage = z.object({
  ...driverTargetFields,
  file: PackageFile.describe('Its name below /dist/v1/drivers/ of a distribution service.'),
  sha256: Sha256.describe('SHA-256 of its bytes.'),
  bytes: z.int().min(1).max(MAX_PACKAGE_BYTES).describe('How many these are.'),
  layout: z
    .enum(['modules', 'vendor'])
    .describe(
      '`modules`: a .tar.gz of kernel modules, which the agent loads itself; `vendor`: a closed package, which the `weka` command installs.',
    ),
});
export type DriverPackage = z.infer<typeof DriverPackage>;

/**
 * What stands for a kernel in the names of packages of modules: 16 hexadecimal digits over release, architecture and build id. WEKA
 * has one of its own for its closed packages, which only its command knows (weka-operator §3.2).
 */
export function kernelSignature({
  kernel,
  architecture,
  buildId = '',
}: Omit<DriverTarget, 'version'>): string {
  return createHash('sha256').update(`${kernel}\n${architecture}\n${buildId}\n`).digest('hex').slice(0, 16);
}

/** Name of a package of modules (weka-operator §3.2, "intermediate generation"). Beside it is one with `.sha256` after it. */
export function modulesFile(target: DriverTarget): string {
  return `${target.version}-${kernelSignature(target)}.tar.gz`;
}

/** How an archive is taken to be: by its name. */
export function layoutOf(file: string): DriverPackage['layout'] {
  return file.endsWith('.tar.gz') ? 'modules' : 'vendor';
}
