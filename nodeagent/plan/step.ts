import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriverSource } from '../../schemas/node/drivers.ts';
import type { DriversState } from './drivers-state.ts';
import type { PackageModule } from './package-module.ts';

/** One thing to do about drivers. It may be done twice, and whoever does it may die after it: what then is next is decided anew. */
export type Step =
  /** Written to the disk before anything that depends on it. */
  | Do<'remember', { state: DriversState }>
  | Do<'download', { package: DriverPackage; from: readonly DriverSource[] }>
  /** Computes the SHA-256 of a package in the cache, and drops it where it is another. */
  | Do<'verify', { sha256: string; bytes: number }>
  | Do<'unpack', { package: DriverPackage }>
  /** A module of the node's own kernel, which lies on the host. */
  | Do<'load-of-kernel', { module: string; path: string }>
  | Do<'load', { sha256: string; module: PackageModule }>
  | Do<'drain', { modules: readonly string[] }>
  | Do<'unload', { module: string }>
  /** Removes what was unpacked. */
  | Do<'tidy'>
  | Do<'drop', { sha256: string }>;

type Do<Name extends string, Rest = object> = { readonly do: Name; readonly why: string } & Readonly<Rest>;

/** What a step is about: the same each time that it is tried. */
export function stepKey(step: Step): string {
  switch (step.do) {
    case 'download':
    case 'unpack':
      return `${step.do} ${step.package.sha256}`;
    case 'verify':
    case 'drop':
      return `${step.do} ${step.sha256}`;
    case 'load':
      return `load ${step.sha256} ${step.module.name}`;
    case 'load-of-kernel':
      return `load-of-kernel ${step.path}`;
    case 'unload':
      return `unload ${step.module}`;
    case 'remember':
    case 'drain':
    case 'tidy':
      return step.do;
  }
}

/** How people read it. */
export function describeStep(step: Step): string {
  return `${whatOf(step)}: ${step.why}`;
}

function whatOf(step: Step): string {
  switch (step.do) {
    case 'remember':
      return 'write down the state';
    case 'download':
      return `download ${step.package.file}`;
    case 'verify':
      return `verify package ${step.sha256.slice(0, 12)}`;
    case 'unpack':
      return `unpack ${step.package.file}`;
    case 'load-of-kernel':
      return `load ${step.module} of the kernel`;
    case 'load':
      return `load ${step.module.name}`;
    case 'drain':
      return `drain ${step.modules.join(', ')}`;
    case 'unload':
      return `unload ${step.module}`;
    case 'tidy':
      return 'remove what was unpacked';
    case 'drop':
      return `drop package ${step.sha256.slice(0, 12)}`;
  }
}
