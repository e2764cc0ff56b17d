import { ForgeError, type ForgeErrorCode } from '../errors.ts';

/** Whether the forge said this, and by that status where one is given. */
export function isForgeError(error: unknown, code: ForgeErrorCode, status?: number): error is ForgeError {
  return (
    error instanceof ForgeError && error.code === code && (status === undefined || error.status === status)
  );
}
