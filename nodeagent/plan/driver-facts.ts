import type { Kernel } from '../../schemas/node/kernel.ts';
import type { Observed } from '../../schemas/node/observed.ts';
import type { PackageModule } from './package-module.ts';

/** A loaded module, as far as drivers go by it. */
export interface LoadedDriver {
  readonly name: string;
  readonly state: 'live' | 'loading' | 'unloading';
  /** How often it is held: by the modules of `usedBy`, and by whatever else uses it. */
  readonly holds: Observed<number>;
  readonly usedBy: readonly string[];
  readonly version?: string;
  readonly srcversion?: string;
  readonly buildId?: string;
}

/** How a module of the node's own kernel can be had. */
export type KernelPart =
  | { readonly state: 'built-in' | 'absent' }
  /** Files of the host in the order in which they are loaded, the module itself last. */
  | { readonly state: 'file'; readonly files: readonly { readonly name: string; readonly path: string }[] }
  | { readonly state: 'unknown'; readonly reason: string };

/** Something that uses a module, in words: `2 mounts of container a`, `process 812 (weka_node)`. */
export interface ModuleUser {
  readonly module: string;
  readonly who: string;
}

/** What is seen of a host before anything is decided about its drivers. */
export interface DriverFacts {
  readonly bootId: Observed<string>;
  readonly kernel: Observed<Kernel>;
  /** `ID` of os-release. */
  readonly os: Observed<string>;
  /** All that are loaded; details only of those that a package has. */
  readonly modules: Observed<readonly LoadedDriver[]>;
  readonly moduleLoading: Observed<'allowed' | 'disabled'>;
  /** Whether the kernel loads signed modules only, by its signature policy or by lockdown. */
  readonly signedOnly: Observed<'yes' | 'no'>;
  /** The vermagic of the running kernel's own modules, where it can be had. */
  readonly vermagic?: string;
  readonly iommu: 'yes' | 'no';
  /** The modules of the node's kernel that packages need, and those that are loaded beside them. */
  readonly kernelParts: ReadonlyMap<string, KernelPart>;
  /** What uses the modules of packages beside other modules, as far as it can be seen; undefined where it was not looked for. */
  readonly users?: readonly ModuleUser[];
  /** How much the disk of the cache has left. */
  readonly freeBytes: Observed<number>;
  /** How much of it is taken by what came of packages that are not whole yet, by their SHA-256. */
  readonly partBytes?: ReadonlyMap<string, number>;
}

/** A package that is on the disk of the node. */
export interface CachedPackage {
  /** Whether its SHA-256 was computed by this process, and is right. */
  readonly isVerified: boolean;
  /** Whether this process unpacked it, from the very bytes that it verified. */
  readonly isUnpacked: boolean;
  /** Its modules, in no order; undefined where it was never unpacked. */
  readonly modules?: readonly PackageModule[];
}

/** A module's name as the kernel has it. */
export function kernelName(name: string): string {
  return name.replaceAll('-', '_');
}
