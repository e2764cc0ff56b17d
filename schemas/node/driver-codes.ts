/**
 * What may hold drivers up on a node, as `code` of a DriversReport, and what each means. Some of it passes, some is for a person: the
 * report's `state` says which.
 */
export const DRIVER_CODES = {
  PACKAGE_MISSING: 'No source has the package.',
  UNREACHABLE: 'No source of the package can be reached.',
  UNTRUSTED: 'The certificate of a source does not verify.',
  SERVICE: 'A source answers with an error, or not as a file server would.',
  DIGEST: 'What a source sent is not the package: its SHA-256 is another.',
  SIZE: 'What a source has is longer or shorter than the package.',
  NO_SPACE: 'The disk of the node is too full for the package.',
  STATE_FOLDER: 'The folder where the agent keeps packages cannot be written or read.',
  ANOTHER_AGENT: 'Another agent keeps the drivers of the node.',
  BAD_PACKAGE: 'The package is verified, but it is no archive of modules that may be unpacked.',
  KERNEL: 'The package is for another kernel than the one that runs.',
  ARCHITECTURE: 'The package is for another architecture.',
  VERMAGIC: 'A module of the package was built for another kernel than the package says.',
  UNSIGNED: 'A module has no signature, and the kernel loads signed ones only.',
  KEY_REJECTED: 'A module is signed with a key that the kernel does not trust.',
  LOADING_DISABLED: 'The kernel loads no more modules until the next boot.',
  NOT_PERMITTED: 'The agent may not load or unload modules.',
  NO_DEPENDENCY: 'A module needs one of the kernel that the node does not have.',
  UNKNOWN: 'Something that has to be known before a module is loaded, unloaded or deleted cannot be read.',
  OTHER_LOADED: 'Other modules are loaded, and may not be replaced.',
  NO_WAY_BACK: 'Other modules are loaded, and their package, to go back to, cannot be had.',
  IN_USE: 'Other modules are loaded, and in use.',
  DRAINING: 'Other modules are loaded, and what uses them was told to let go.',
  LOAD_FAILED: 'The kernel did not take a module.',
  UNLOAD_FAILED: 'The kernel did not let a module go.',
  HANGS: 'Loading or unloading a module has not come to an end.',
} as const;
export type DriverCode = keyof typeof DRIVER_CODES;
