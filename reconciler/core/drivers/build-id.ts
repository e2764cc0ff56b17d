import type { NodeKernel } from './node-kernel.ts';

/**
 * What tells builds for one kernel apart (weka-operator §3.5): what a manifest says; the build of Container-Optimized OS;
 * `ubuntu24.04` for Ubuntu 24 and packages of others; else nothing. Or why it cannot be told, in one sentence.
 */
export function buildIdFor({
  explicit,
  os,
  isExternal,
}: {
  readonly explicit: string | undefined;
  readonly os: NodeKernel['os'];
  /** Whether the packages are made by others than builders of this cluster. */
  readonly isExternal: boolean;
}): { readonly buildId?: string } | { readonly why: string } {
  if (explicit !== undefined && explicit !== '' && explicit !== 'auto') return { buildId: explicit };
  if (os === undefined) {
    return { why: 'The operating system is not known, and builds for one kernel can differ by it.' };
  }
  if (os.id === 'cos') {
    return os.buildId === undefined || os.buildId === ''
      ? { why: 'The build of Container-Optimized OS is not known.' }
      : { buildId: os.buildId };
  }
  const isUbuntu24 = os.id === 'ubuntu' && /^24(\.|$)/.test(os.versionId ?? '');
  return isExternal && isUbuntu24 ? { buildId: 'ubuntu24.04' } : {};
}
