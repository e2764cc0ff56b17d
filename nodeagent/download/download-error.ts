import { type ErrorDetails, ReconcilerError } from '../../reconciler/errors.ts';

/** Of what there was too little: an answer, the next piece, or all together in so long. */
export type GaveUp = 'answer' | 'silence' | 'rate';

/** Why a package did not come from a source. */
export type Trouble =
  | { readonly is: 'unreachable' | 'untrusted' | 'no-tls' | 'broken-off'; readonly reason: string }
  /** It answers with another protocol than HTTP. */
  | { readonly is: 'switched' }
  | { readonly is: 'slow'; readonly why: GaveUp; readonly seconds: number; readonly leastBytesPerMs: number }
  /** A redirect to an address that may not be asked; without one where redirects have no end. */
  | { readonly is: 'led-away'; readonly to: string | undefined }
  | { readonly is: 'status'; readonly status: number }
  /** It says to have another number of bytes, or has more; `has` where it says so. */
  | { readonly is: 'size'; readonly has: number | undefined }
  /** It ends, as if that were all. */
  | { readonly is: 'short'; readonly has: number }
  /** What it calls the rest is not what was asked for. */
  | { readonly is: 'other-part' }
  | { readonly is: 'packed' }
  /** It is another version than before, and what came before cannot be taken back. */
  | { readonly is: 'changed' }
  | { readonly is: 'digest'; readonly sha256: string };

export interface DownloadErrorDetails extends ErrorDetails {
  readonly hasProgressed?: boolean;
  readonly spoils?: boolean;
}

/** A download from one source did not come to its end. Who downloads says it in its own words. */
export class DownloadError extends ReconcilerError {
  readonly code = 'DOWNLOAD';
  readonly retry = 'next-pass';
  readonly trouble: Trouble;
  /** Whether it got so much further that it is worth going on soon. */
  readonly hasProgressed: boolean;
  /** What came before is of no use either. */
  readonly spoils: boolean;

  constructor(
    trouble: Trouble,
    { hasProgressed = false, spoils = false, ...details }: DownloadErrorDetails = {},
  ) {
    super(`The download failed: ${trouble.is}.`, details);
    this.trouble = trouble;
    this.hasProgressed = hasProgressed;
    this.spoils = spoils;
  }
}
