import type { Risk } from '../change.ts';
import type { Deed } from './deed.ts';

/** Modules in the kernel of a node that make way for others. Loading some where there are none takes nothing from anybody. */
export function kernelModule({ consent, node }: Deed): readonly Risk[] {
  if (consent?.action !== 'replace-drivers' || node === undefined) return [];
  const reason = 'Drivers that a node has loaded make way for others';
  return [{ name: 'kernel-module', reason, evidence: `${consent.words} on ${node}` }];
}
