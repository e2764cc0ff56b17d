import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DownloadError, Trouble } from '../download/download-error.ts';
import { type FetchCode, FetchError } from './errors.ts';

interface Asked {
  readonly url: string;
  readonly package: Pick<DriverPackage, 'file' | 'sha256' | 'bytes'>;
}

/** What it means that a package did not come from a registry. */
export function registryError(asked: Asked, error: DownloadError): FetchError {
  const { trouble, retryAfterMs } = error;
  const [code, message, hint] = said(asked, trouble);
  return new FetchError(code, message, {
    cause: error,
    retryAfterMs,
    ...(hint === undefined ? {} : { hint }),
  });
}

function said(
  { url, package: { file, sha256, bytes } }: Asked,
  trouble: Trouble,
): readonly [code: FetchCode, message: string, hint?: string] {
  // An address may hold a password.
  const { origin } = new URL(url);
  const unreachable = (reason: string) =>
    ['REGISTRY_UNREACHABLE', `${file} cannot be had from ${origin}: ${reason}.`] as const;
  switch (trouble.is) {
    case 'unreachable':
      return unreachable(trouble.reason);
    case 'untrusted':
      return unreachable(`its certificate does not verify (${trouble.reason})`);
    case 'no-tls':
      return unreachable(`it does not speak TLS as it should (${trouble.reason})`);
    case 'broken-off':
      return unreachable(`it broke off (${trouble.reason})`);
    case 'switched':
      return unreachable('it switches to another protocol instead of an answer (HTTP status 101)');
    case 'slow':
      return unreachable(slowly(trouble));
    case 'short':
      return unreachable('the answer ended early');
    case 'other-part':
      return unreachable('it gives another part of it than it is asked for');
    case 'changed':
      return unreachable('it changed there while it was fetched');
    case 'led-away':
      return trouble.to === undefined
        ? ['REGISTRY_REFUSED', `${origin} leads from one address to the next without end.`]
        : [
            'REGISTRY_REFUSED',
            `${origin} leads to ${trouble.to}, which is not followed.`,
            'Name that address in ceilings.driverRegistries of the configuration if packages may come from there; none without TLS is taken in place of one with it.',
          ];
    case 'packed':
      return ['REGISTRY_REFUSED', `${origin} gives ${file} packed once more.`];
    case 'status':
      return refused(trouble.status, origin, file, unreachable);
    case 'size':
      return [
        'DIGEST',
        `${origin} has ${trouble.has ?? 'more'} bytes as ${file}, where ${bytes} are pinned.`,
      ];
    case 'digest':
      return [
        'DIGEST',
        `What ${origin} has as ${file} has SHA-256 ${trouble.sha256}, and not the pinned ${sha256}.`,
      ];
  }
}

function slowly({ why, seconds, leastBytesPerMs }: Extract<Trouble, { is: 'slow' }>): string {
  switch (why) {
    case 'answer':
      return `it did not answer within ${seconds} s`;
    case 'silence':
      return `it sent nothing for ${seconds} s`;
    case 'rate':
      return `it sends less than ${leastBytesPerMs} kB in a second`;
  }
}

function refused(
  status: number,
  origin: string,
  file: string,
  unreachable: (reason: string) => readonly [FetchCode, string],
): readonly [FetchCode, string] {
  if (status === 404 || status === 410) return ['REGISTRY_WITHOUT', `${origin} has no ${file} any more.`];
  if (status === 429 || status >= 500) return unreachable(`it answers with HTTP status ${status}`);
  return ['REGISTRY_REFUSED', `${origin} does not give ${file}: HTTP status ${status}.`];
}
