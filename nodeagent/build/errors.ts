import { ReconcilerError } from '../../reconciler/errors.ts';

/** Drivers could not be built; `lastLines`: what was printed at the end. */
abstract class BuildError extends ReconcilerError {
  readonly lastLines: readonly string[];

  constructor(message: string, { hint, lastLines = [], cause }: BuildErrorDetails = {}) {
    super(message, { hint, cause });
    this.lastLines = lastLines;
  }
}

export interface BuildErrorDetails {
  readonly hint?: string | undefined;
  readonly lastLines?: readonly string[];
  readonly cause?: unknown;
}

/** What the pod is told to build, or where, does not hold together. */
export class BuildSettingsError extends BuildError {
  readonly code = 'SETTINGS';
  readonly retry = 'after-change';
}

export class NoHeadersError extends BuildError {
  readonly code = 'NO_HEADERS';
  readonly retry = 'after-change';

  constructor(message: string, kernel: string) {
    super(message, {
      hint: `Install the headers of exactly ${kernel} on this node (Debian and Ubuntu: linux-headers-${kernel}; RHEL: kernel-devel-${kernel}), or let preRunScript bring them.`,
    });
  }
}

export class WrongKernelError extends BuildError {
  readonly code = 'WRONG_KERNEL';
  readonly retry = 'after-change';
}

export class PreRunError extends BuildError {
  readonly code = 'PRE_RUN';
  readonly retry = 'after-change';
}

export class CompileError extends BuildError {
  readonly code = 'COMPILE';
  readonly retry = 'after-change';
}

export class BuildTimeoutError extends BuildError {
  readonly code = 'BUILD_TIMEOUT';
  readonly retry = 'after-change';

  constructor(doing: string, timeoutMs: number, lastLines: readonly string[]) {
    super(
      `The build was ended after ${timeoutMs / 1000} seconds, which is its buildTimeout, while ${doing}.`,
      {
        hint: 'Raise buildTimeout, or give the builder more CPU; the last lines tell what it was at.',
        lastLines,
      },
    );
  }
}

export class NoSpaceError extends BuildError {
  readonly code = 'NO_SPACE';
  readonly retry = 'next-pass';

  constructor(doing: string, lastLines: readonly string[] = []) {
    super(`No space was left on the disk of the builder while ${doing}.`, {
      hint: 'Make room for the ephemeral storage of pods on this node; a build needs about 1 GB.',
      lastLines,
    });
  }
}

export class SignError extends BuildError {
  readonly code = 'SIGN';
  readonly retry = 'after-change';
}

export class NoSourceError extends BuildError {
  readonly code = 'NO_SOURCE';
  readonly retry = 'after-change';
}

export class VendorPackError extends BuildError {
  readonly code = 'VENDOR_PACK';
  readonly retry = 'after-change';
}

export class BuildStoppedError extends BuildError {
  readonly code = 'STOPPED';
  readonly retry = 'next-pass';

  constructor(doing: string) {
    super(`The pod was told to end while ${doing}.`);
  }
}
