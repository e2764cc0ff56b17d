import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { applyAs, type Tried } from './try-installation.ts';

/** An object was not taken though a trial was; those before it were written. */
export class InstallBrokenOffError extends ReconcilerError {
  readonly code = 'INSTALL_BROKEN_OFF';
  readonly retry = 'next-pass';
}

/** Writes what differs, one object after the other, in their order. */
export async function applyInstallation(
  api: KubeApi,
  tried: readonly Tried[],
  manager: string,
): Promise<void> {
  let written = 0;
  for (const { id, object, result, force } of tried) {
    if (result === 'unchanged' || result === 'kept') continue;
    await orBrokenOff(id, written, async () => await applyAs(api, object, manager, { force }));
    written += 1;
  }
}

async function orBrokenOff(id: string, written: number, write: () => Promise<KubeObject>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!(cause instanceof ReconcilerError)) throw cause;
    throw new InstallBrokenOffError(`${id} was not written: ${cause.message} ${doneWords(written)}`, {
      cause,
      hint: 'Run weka-gitops install again once that is mended: it goes on with what is missing.',
    });
  }
}

function doneWords(written: number): string {
  if (written === 0) return 'Nothing was written before it.';
  return written === 1 ? 'One object was written before it.' : `${written} objects were written before it.`;
}
