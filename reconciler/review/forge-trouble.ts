import { ReconcilerError } from '../errors.ts';
import type { Forge } from '../forge-port.ts';
import type { Interruptible, Log } from '../ports.ts';
import { ForgeError } from '../world/forge/errors.ts';

/** What stands before a forge answers so where that cannot be reached. */
const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether a forge says so to whatever it is asked; of any other answer it may be the question that it stumbled over. */
export function isForgeWide(error: ReconcilerError): boolean {
  switch (error.code) {
    case 'FORGE_UNAUTHORIZED':
    case 'FORGE_RATE_LIMIT':
      return true;
    case 'FORGE_UNREACHABLE': {
      const status = error instanceof ForgeError ? error.status : undefined;
      return status === undefined || GATEWAY.has(status);
    }
    default:
      return false;
  }
}

/** Whether an account may write to the repository. One of which the forge does not say so may not. */
export async function mayWrite(
  { forge, log }: { readonly forge: Pick<Forge, 'permission'>; readonly log: Log },
  login: string,
  options: Interruptible,
): Promise<boolean> {
  try {
    const permission = await forge.permission(login, options);
    return permission === 'write' || permission === 'admin';
  } catch (error) {
    if (!(error instanceof ReconcilerError) || isForgeWide(error)) throw error;
    options.signal?.throwIfAborted();
    const { code, message: why, hint } = error;
    log.warn({ login, code, why, hint }, 'Could not find out what an account may do; it is not listened to');
    return false;
  }
}
