import { ReconcilerError } from '../../errors.ts';

/** What can go wrong with the API server, and whether time may mend it. */
const RETRY = {
  API_UNREACHABLE: 'next-pass',
  API_UNTRUSTED: 'after-change',
  API_TIMEOUT: 'next-pass',
  API_UNAVAILABLE: 'next-pass',
  API_UNAUTHORIZED: 'after-change',
  API_FORBIDDEN: 'after-change',
  API_NOT_FOUND: 'after-change',
  API_CONFLICT: 'next-pass',
  FIELD_CONFLICT: 'after-change',
  API_INVALID: 'after-change',
  API_TOO_LARGE: 'after-change',
  API_GONE: 'next-pass',
} as const satisfies Record<string, 'next-pass' | 'after-change'>;

export type ApiErrorCode = keyof typeof RETRY;

/** A field that another manager owns: `data.color` and `kubectl-edit`. */
export interface FieldConflict {
  readonly path: string;
  readonly manager: string;
}

export interface ApiErrorDetails {
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  readonly conflicts?: readonly FieldConflict[];
  readonly absent?: boolean;
  readonly retryAfterMs?: number | undefined;
  /** Whether it is the account that lacks the right to it: another one may well have that. */
  readonly ofAccount?: boolean;
}

/** A request that the API server did not grant, or that did not reach it. */
export class ApiError extends ReconcilerError {
  readonly code: ApiErrorCode;
  readonly retry: 'next-pass' | 'after-change';
  readonly status: number | undefined;
  /** Who owns the fields that an apply would have taken; empty for other errors. */
  readonly conflicts: readonly FieldConflict[];
  /** Whether the API server itself said that the very object asked for does not exist. Nothing else means absence. */
  readonly absent: boolean;
  /** Whether it is the account that lacks the right to it: another one may well have that. */
  readonly ofAccount: boolean;

  constructor(code: ApiErrorCode, message: string, details: ApiErrorDetails = {}) {
    const { hint, cause, status, conflicts = [], absent = false, ofAccount = false, retryAfterMs } = details;
    super(message, { cause, hint, retryAfterMs });
    this.code = code;
    this.retry = RETRY[code];
    this.status = status;
    this.conflicts = conflicts;
    this.absent = absent;
    this.ofAccount = ofAccount;
  }
}

/** The credentials for a cluster cannot be had: no kubeconfig, an unknown context, a plugin that fails. */
export class KubeconfigError extends ReconcilerError {
  readonly code = 'KUBECONFIG';
  readonly retry = 'after-change';
}

/** Whether it means that no other request would fare better either. */
export function isClusterWide(error: unknown): boolean {
  if (error instanceof KubeconfigError) return true;
  return (
    error instanceof ApiError &&
    (error.code === 'API_UNREACHABLE' || error.code === 'API_UNTRUSTED' || error.code === 'API_UNAUTHORIZED')
  );
}
