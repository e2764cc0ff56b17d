import type { DriverSource } from '../../schemas/node/drivers.ts';
import type { Trouble } from '../download/download-error.ts';
import type { WantedFile } from '../download/receive.ts';
import { type Fault, StepFailedError } from '../plan/fault.ts';

const PORT_HINT =
  'Check that the service which driversDistService names is there and has ready pods, and that every NetworkPolicy lets nodes reach its port 60002.';

/** How messages call a source. */
function nameOf({ url, serverName }: DriverSource): string {
  return `service at ${serverName === undefined ? url : `${url} (${serverName})`}`;
}

/** What it means for a node that a package did not come from a source. */
export function sourceFault(source: DriverSource, { file, bytes }: WantedFile, trouble: Trouble): Fault {
  const name = nameOf(source);
  switch (trouble.is) {
    case 'unreachable':
      return failed('UNREACHABLE', `The ${name} cannot be reached (${trouble.reason}).`, PORT_HINT);
    case 'broken-off':
      return failed(
        'UNREACHABLE',
        `The ${name} broke off while it sent the package (${trouble.reason}).`,
        PORT_HINT,
      );
    case 'switched':
      return failed(
        'SERVICE',
        `The ${name} switches to another protocol instead of an answer (HTTP status 101).`,
        'Check that driversDistService names a distribution service, and look for a proxy before it.',
      );
    case 'no-tls':
      return failed(
        'SERVICE',
        `The ${name} does not speak TLS as it should (${trouble.reason}).`,
        'Write http:// in driversDistService where the service has no TLS.',
      );
    case 'untrusted':
      return failed(
        'UNTRUSTED',
        `The certificate of the ${name} does not verify (${trouble.reason}).`,
        'Check who answers at that address and the clock of the node; where the service is not of this installation, its certificate has to be known to the node.',
      );
    case 'slow':
      return slowFault(name, trouble);
    case 'led-away':
      return failed('SERVICE', `The ${name} leads to another address, which is not followed.`, LOG_HINT);
    case 'status':
      return trouble.status === 404 || trouble.status === 410
        ? failed(
            'PACKAGE_MISSING',
            `The ${name} does not have ${file}.`,
            'Wait until it is built or fetched again, which the reconciler sees to.',
          )
        : failed('SERVICE', `The ${name} answers with status ${trouble.status}.`, LOG_HINT);
    case 'size':
      return spoilt(
        name,
        file,
        trouble.has === undefined
          ? `is longer than the ${bytes} bytes of the package`
          : `has ${trouble.has} bytes, and the package ${bytes}`,
      );
    case 'short':
      return spoilt(name, file, `ends after ${trouble.has} of ${bytes} bytes`);
    case 'other-part':
      return failed(
        'SIZE',
        `The ${name} answers with another part of ${file} than was asked for.`,
        BETWEEN_HINT,
      );
    case 'packed':
      return failed('SIZE', `What the ${name} has as ${file} comes packed once more.`, BETWEEN_HINT);
    case 'changed':
      return failed('SIZE', `What the ${name} has as ${file} changed while it came.`, BETWEEN_HINT);
    case 'digest':
      return failed(
        'DIGEST',
        `What the ${name} has as ${file} is not the pinned package: its SHA-256 is another.`,
        SPOILT,
      );
  }
}

/** It was left since it was too slow: to answer, to go on, or as a whole. */
function slowFault(name: string, { why, seconds, leastBytesPerMs }: Extract<Trouble, { is: 'slow' }>): Fault {
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
      return failed(
        'UNREACHABLE',
        `The ${name} sends less than ${leastBytesPerMs} kB in a second.`,
        NETWORK_HINT,
      );
  }
}

const NETWORK_HINT =
  'Look at the network between the node and the distribution service, and at how busy the service is.';
const BETWEEN_HINT =
  'Look for a proxy between the node and the distribution service; the next try asks for all of the package anew.';
const LOG_HINT = 'Look into the log of the distribution service.';

function spoilt(name: string, file: string, how: string): Fault {
  return failed('SIZE', `What the ${name} has as ${file} ${how}.`, SPOILT);
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
