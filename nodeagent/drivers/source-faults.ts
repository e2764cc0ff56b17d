import type { DriverSource } from '../../schemas/node/drivers.ts';
import { SWITCHED } from '../download/answer-to.ts';
import { type Fault, StepFailedError } from '../plan/fault.ts';
import type { GaveUp } from './download-patience.ts';

const PORT_HINT =
  'Check that the service which driversDistService names is there and has ready pods, and that every NetworkPolicy lets nodes reach its port 60002.';

/** How messages call a source. */
function nameOf({ url, serverName }: DriverSource): string {
  return `service at ${serverName === undefined ? url : `${url} (${serverName})`}`;
}

/** What a failure of the connection to a source means. */
export function connectionFault(source: DriverSource, error: unknown): Fault {
  const { code = 'no reason is told' } = error as NodeJS.ErrnoException;
  const name = nameOf(source);
  if (code === SWITCHED) {
    return failed(
      'SERVICE',
      `The ${name} switches to another protocol instead of an answer (HTTP status 101).`,
      'Check that driversDistService names a distribution service, and look for a proxy before it.',
    );
  }
  if (/^ERR_SSL_|^EPROTO$/.test(code)) {
    return failed(
      'SERVICE',
      `The ${name} does not speak TLS as it should (${code}).`,
      'Write http:// in driversDistService where the service has no TLS.',
    );
  }
  if (/^ERR_OSSL_|CERT|SELF_SIGNED|UNABLE_TO|ISSUER|SIGNATURE|^ERR_TLS_/.test(code)) {
    return failed(
      'UNTRUSTED',
      `The certificate of the ${name} does not verify (${code}).`,
      'Check who answers at that address and the clock of the node; where the service is not of this installation, its certificate has to be known to the node.',
    );
  }
  return failed('UNREACHABLE', `The ${name} cannot be reached (${code}).`, PORT_HINT);
}

/** It began to send, and the connection broke. */
export function brokenOffFault(source: DriverSource, error: unknown): Fault {
  const { code = 'no reason is told' } = error as NodeJS.ErrnoException;
  return failed(
    'UNREACHABLE',
    `The ${nameOf(source)} broke off while it sent the package (${code}).`,
    PORT_HINT,
  );
}

/** It was left since it was too slow: to answer, to go on, or as a whole. */
export function slowFault(source: DriverSource, why: GaveUp, { seconds, least }: Slowness): Fault {
  const name = nameOf(source);
  switch (why) {
    case 'answer':
      return failed('UNREACHABLE', `The ${name} did not answer within ${seconds} s.`, PORT_HINT);
    case 'silence':
      return failed(
        'UNREACHABLE',
        `The ${name} began to send the package, and then sent nothing for ${seconds} s.`,
        NETWORK_HINT,
      );
    case 'rate':
      return failed('UNREACHABLE', `The ${name} sends less than ${least} kB in a second.`, NETWORK_HINT);
  }
}

export interface Slowness {
  readonly seconds: number;
  /** Of kilobytes in a second. */
  readonly least: number;
}

const NETWORK_HINT =
  'Look at the network between the node and the distribution service, and at how busy the service is.';

/** What another answer than the package means. */
export function statusFault(source: DriverSource, file: string, status: number): Fault {
  const name = nameOf(source);
  if (status === 404 || status === 410) {
    return failed(
      'PACKAGE_MISSING',
      `The ${name} does not have ${file}.`,
      'Wait until it is built or fetched again, which the reconciler sees to.',
    );
  }
  return failed(
    'SERVICE',
    `The ${name} answers with status ${status}.`,
    'Look into the log of the distribution service.',
  );
}

export function sizeFault(source: DriverSource, file: string, how: string): Fault {
  return failed('SIZE', `What the ${nameOf(source)} has as ${file} ${how}.`, SPOILT);
}

export function digestFault(source: DriverSource, file: string): Fault {
  return failed(
    'DIGEST',
    `What the ${nameOf(source)} has as ${file} is not the pinned package: its SHA-256 is another.`,
    SPOILT,
  );
}

const SPOILT =
  'Delete the package from the storage of the distribution service, unless a proxy answers in its place; it is then built or fetched again.';

function failed(code: Fault['code'], message: string, hint: string): Fault {
  return {
    state: 'failed',
    code,
    message: message.length <= 400 ? message : `${message.slice(0, 399)}…`,
    hint,
  };
}

/** Of what several sources said, what a person has to know: that the package is missing only where all say so. */
export function mostTelling(errors: readonly StepFailedError[]): StepFailedError {
  const other = errors.find(({ code }) => code !== 'PACKAGE_MISSING') ?? errors[0];
  if (other === undefined) {
    return new StepFailedError({
      state: 'failed',
      code: 'PACKAGE_MISSING',
      message: 'The intent names no source for the package.',
    });
  }
  const { fault } = other;
  return new StepFailedError(fault, {
    hasProgressed: errors.some((each) => each.hasProgressed),
    retryAfterMs: other.retryAfterMs,
    cause: other,
  });
}
