import { WorkError, type WorkErrorDetails } from '../build/work-error.ts';

/** The pod is on a node that the package is not for. */
export class PackageKernelError extends WorkError {
  readonly code = 'WRONG_KERNEL';
  readonly retry = 'after-change';

  constructor(wanted: string, running: string) {
    super(`The package is for kernel ${wanted}, and this node runs ${running}.`, {
      hint: 'Nothing has to be done where the node was upgraded: the next pass plans drivers for its new kernel.',
    });
  }
}

export class NoVendorCommandError extends WorkError {
  readonly code = 'NO_VENDOR_COMMAND';
  readonly retry = 'after-change';
}

/** What the vendor's command writes to could not be laid over the node's modules. */
export class MountError extends WorkError {
  readonly code = 'MOUNT';
  readonly retry = 'after-change';
}

export class OtherLoadedError extends WorkError {
  readonly code = 'OTHER_LOADED';
  readonly retry = 'after-change';
}

export class InUseError extends WorkError {
  readonly code = 'IN_USE';
  readonly retry = 'next-pass';
}

export class VendorInstallError extends WorkError {
  readonly code = 'VENDOR_INSTALL';
  readonly retry = 'after-change';
}

/** The folder that the vendor's command loads from has something else than the verified package. */
export class OtherPackageError extends WorkError {
  readonly code = 'VENDOR_INSTALL';
  readonly retry = 'after-change';

  constructor(message: string) {
    super(message, {
      hint: 'Use an image of WEKA whose command installs from /opt/weka/dist/drivers what is there; reboot the node where modules were loaded meanwhile.',
    });
  }
}

/** What is loaded was kept on the node to go back to, and its package is not to be had. */
export class NoWayBackError extends WorkError {
  readonly code = 'NO_WAY_BACK';
  readonly retry = 'next-pass';
}

export class LoadTimeoutError extends WorkError {
  readonly code = 'LOAD_TIMEOUT';
  readonly retry = 'next-pass';
  /** Whether what did not end hangs in the kernel: nothing that is done after that can be relied upon. */
  readonly isLeft: boolean;

  constructor(message: string, { isLeft, ...details }: WorkErrorDetails & { readonly isLeft: boolean }) {
    super(message, details);
    this.isLeft = isLeft;
  }
}

export class LoadStoppedError extends WorkError {
  readonly code = 'STOPPED';
  readonly retry = 'next-pass';

  constructor(message = 'The pod was told to end before the drivers were loaded.') {
    super(message);
  }
}
