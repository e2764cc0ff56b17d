import { RUNNING_KERNEL_ONLY } from '../../schemas/drivers/result.ts';
import type { OperatingSystem } from '../../schemas/node-report.ts';
import { WorkError } from './work-error.ts';

/** What the pod is told to build, or where, does not hold together. */
export class BuildSettingsError extends WorkError {
  readonly code = 'SETTINGS';
  readonly retry = 'after-change';
}

export class NoHeadersError extends WorkError {
  readonly code = 'NO_HEADERS';
  readonly retry = 'after-change';

  constructor(message: string, kernel: string, system?: Pick<OperatingSystem, 'id' | 'variantId'>) {
    super(message, { hint: headersHint(kernel, system) });
  }
}

const BY_SETTINGS = 'in drivers.toolchains of the settings';

/** What brings headers to the builder; systems that consist of an image have none on their nodes. */
function headersHint(kernel: string, system: Pick<OperatingSystem, 'id' | 'variantId'> | undefined): string {
  const id = system?.id ?? '';
  if (id === 'rhcos' || system?.variantId === 'coreos') {
    return `Name the driver-toolkit image of this OpenShift release as headersImage ${BY_SETTINGS} (oc adm release info --image-for=driver-toolkit), or add the extension kernel-devel by a MachineConfig.`;
  }
  if (id === 'cos' || id === 'talos' || id === 'flatcar') {
    return `Name an image with the headers and the compiler of this build of ${id} as headersImage and image ${BY_SETTINGS}, let preRunScript bring them, or take packages from a registry: nodes of ${id} have no headers, and none are brought by themselves.`;
  }
  return `Install the headers of exactly ${kernel} on this node (Debian and Ubuntu: linux-headers-${kernel}; RHEL: kernel-devel-${kernel}), or let preRunScript bring them.`;
}

export class WrongKernelError extends WorkError {
  readonly code = 'WRONG_KERNEL';
  readonly retry = 'after-change';
}

/** The vendor's command is asked for a kernel that does not run yet. That is no fault: it is built as soon as it does. */
export class RunningKernelOnlyError extends WorkError {
  readonly code = RUNNING_KERNEL_ONLY;
  readonly retry = 'after-change';

  constructor(kernel: string) {
    super(`weka driver pack builds for the kernel that runs alone, and ${kernel} is not booted yet.`, {
      hint: 'Put the sources of the drivers into the builder’s image to have them built before the node boots; else they are built right after it.',
    });
  }
}

export class PreRunError extends WorkError {
  readonly code = 'PRE_RUN';
  readonly retry = 'after-change';
}

/** A program of the build started others that could not be ended: nothing is built, signed or published beside them. */
export class LeftBehindError extends WorkError {
  readonly code = 'LEFT_BEHIND';
  readonly retry = 'after-change';

  constructor(doing: string, lastLines: readonly string[]) {
    super(`Something that was started while ${doing} cannot be ended.`, {
      hint: 'Have preRunScript and the build start nothing that goes on by itself; nothing was published.',
      lastLines,
    });
  }
}

export class CompileError extends WorkError {
  readonly code = 'COMPILE';
  readonly retry = 'after-change';
}

export class BuildTimeoutError extends WorkError {
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

export class NoSpaceError extends WorkError {
  readonly code = 'NO_SPACE';
  readonly retry = 'next-pass';

  constructor(doing: string, lastLines: readonly string[] = []) {
    super(`No space was left on the disk of the builder while ${doing}.`, {
      hint: 'Make room for the ephemeral storage of pods on this node; a build needs about 1 GB.',
      lastLines,
    });
  }
}

export class SignError extends WorkError {
  readonly code = 'SIGN';
  readonly retry = 'after-change';
}

export class NoSourceError extends WorkError {
  readonly code = 'NO_SOURCE';
  readonly retry = 'after-change';
}

export class VendorPackError extends WorkError {
  readonly code = 'VENDOR_PACK';
  readonly retry = 'after-change';
}

export class BuildStoppedError extends WorkError {
  readonly code = 'STOPPED';
  readonly retry = 'next-pass';

  constructor(doing: string) {
    super(`The pod was told to end while ${doing}.`);
  }
}
