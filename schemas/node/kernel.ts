import * as z from 'zod';
import { list } from './list.ts';
import { observed, text, YesNo } from './observed.ts';

export const Kernel = z.object({
  release: text(128).min(1).describe('As `uname -r` prints it; drivers are built for exactly one release.'),
  build: text(256).describe('As `uname -v` prints it; distributions rebuild a release under the same name.'),
  architecture: text(32).min(1).describe('As `uname -m` prints it, e.g. `x86_64`.'),
});
export type Kernel = z.infer<typeof Kernel>;

export const ModuleParameter = z.object({
  name: text(128).describe('Name of the parameter.'),
  value: observed(text(256)).describe(
    'Its value. Only parameters that everyone on the node may read are listed.',
  ),
});
export type ModuleParameter = z.infer<typeof ModuleParameter>;

export const KernelModule = z.object({
  name: text(128).describe('Name as the kernel has it, with underscores.'),
  state: z.enum(['live', 'loading', 'unloading']).describe('Only a live module is of use.'),
  version: observed(text(256))
    .optional()
    .describe('What the module says its version is; absent where it says none.'),
  srcversion: observed(text(64))
    .optional()
    .describe(
      "Checksum of the module's sources; two builds of the same sources share it. Absent where there is none.",
    ),
  taints: text(16)
    .optional()
    .describe(
      'Letters of the kernel, e.g. `OE` for a module from outside the kernel without a known signature.',
    ),
  inUse: YesNo.describe('Whether anything holds it, so that it cannot be unloaded.'),
  usedBy: list(text(128), 256).describe('Modules that need this one.'),
  parameters: observed(list(ModuleParameter, 512)).describe('Parameters, by name.'),
});
export type KernelModule = z.infer<typeof KernelModule>;

/** What there is of the kernel, and whom it lets load code. */
export const kernelFields = {
  kernel: observed(Kernel).describe('The running kernel.'),
  modules: observed(list(KernelModule, 2048)).describe('Loaded kernel modules, by name.'),
  moduleLoading: observed(z.enum(['allowed', 'disabled'])).describe(
    'Whether modules may still be loaded; once disabled, only a reboot allows it again.',
  ),
  moduleSignatures: observed(z.enum(['enforced', 'optional', 'unsupported'])).describe(
    'Whether the kernel loads signed modules only. Lockdown enforces it as well.',
  ),
  lockdown: observed(z.enum(['none', 'integrity', 'confidentiality'])).describe(
    'How far the kernel is locked against root; from `integrity` on it takes signed modules only.',
  ),
  secureBoot: observed(z.enum(['on', 'off', 'no-uefi'])).describe(
    'Whether the firmware checked what it started.',
  ),
  headers: observed(list(text(128), 256)).describe(
    'Kernel releases whose headers are installed; drivers can be built for them here.',
  ),
};
