import { type ErrorDetails, ReconcilerError } from '../../reconciler/errors.ts';

/** Why a package could not be brought from a registry. */
export type FetchCode =
  | 'FETCH_SETTINGS'
  | 'STOPPED'
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_REFUSED'
  /** The registry has it no more. */
  | 'REGISTRY_WITHOUT'
  /** What it has is not what was pinned. */
  | 'DIGEST';

export class FetchError extends ReconcilerError {
  readonly code: FetchCode;
  readonly retry: 'next-pass' | 'after-change';

  constructor(code: FetchCode, message: string, details: ErrorDetails = {}) {
    super(message, { hint: HINTS[code], ...details });
    this.code = code;
    this.retry = code === 'REGISTRY_UNREACHABLE' || code === 'STOPPED' ? 'next-pass' : 'after-change';
  }
}

const HINTS: Readonly<Record<FetchCode, string>> = {
  FETCH_SETTINGS: 'Use the same version of the image for the reconciler and for this pod.',
  STOPPED: 'Wait for its next try, or look why the pod was ended.',
  REGISTRY_UNREACHABLE:
    'Let this pod reach the registry, by a proxy where there is one, or name a mirror of it; without either, configure a builder.',
  REGISTRY_REFUSED: 'Look at what the registry, or the proxy before it, asks for.',
  REGISTRY_WITHOUT: 'Name a registry that has it, or configure a builder.',
  DIGEST:
    'Ask WEKA which SHA-256 is right; another than the pinned one is used only once an Approval accepts it.',
};
