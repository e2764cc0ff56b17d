import { ReconcilerError } from '../../reconciler/errors.ts';

export interface LoadErrorDetails {
  readonly hint?: string | undefined;
  readonly lastLines?: readonly string[];
}

/** Drivers could not be loaded by the vendor's command. */
abstract class LoadError extends ReconcilerError {
  readonly lastLines: readonly string[];

  constructor(message: string, { hint, lastLines = [] }: LoadErrorDetails = {}) {
    super(message, { hint });
    this.lastLines = lastLines;
  }
}

/** The pod is on a node that the package is not for. */
export class PackageKernelError extends LoadError {
  readonly code = 'WRONG_KERNEL';
  readonly retry = 'after-change';

  constructor(wanted: string, running: string) {
    super(`The package is for kernel ${wanted}, and this node runs ${running}.`, {
      hint: 'Nothing has to be done where the node was upgraded: the next pass plans drivers for its new kernel.',
    });
  }
}

export class NoVendorCommandError extends LoadError {
  readonly code = 'NO_VENDOR_COMMAND';
  readonly retry = 'after-change';
}

/** What the vendor's command writes to could not be laid over the node's modules. */
export class MountError extends LoadError {
  readonly code = 'MOUNT';
  readonly retry = 'after-change';
}

export class OtherLoadedError extends LoadError {
  readonly code = 'OTHER_LOADED';
  readonly retry = 'after-change';
}

export class InUseError extends LoadError {
  readonly code = 'IN_USE';
  readonly retry = 'next-pass';
}

export class VendorInstallError extends LoadError {
  readonly code = 'VENDOR_INSTALL';
  readonly retry = 'after-change';
}

/** The folder that the vendor's command loads from has something else than the verified package. */
export class OtherPackageError extends LoadError {
  readonly code = 'VENDOR_INSTALL';
  readonly retry = 'after-change';

  constructor(message: string) {
    super(message, {
      hint: 'Use an image of WEKA whose command installs from /opt/weka/dist/drivers what is there; reboot the node where modules were loaded meanwhile.',
    });
  }
}

export class LoadTimeoutError extends LoadError {
  readonly code = 'LOAD_TIMEOUT';
  readonly retry = 'next-pass';
}

export class LoadStoppedError extends LoadError {
  readonly code = 'STOPPED';
  readonly retry = 'next-pass';

  constructor() {
    super('The pod was told to end before the drivers were loaded.');
  }
}
