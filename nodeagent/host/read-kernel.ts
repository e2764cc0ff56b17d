import type { Kernel } from '../../schemas/node/kernel.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { yesNo } from '../observe/number.ts';
import { known } from '../observe/reading.ts';
import { parseLockdown, parseSecureBoot } from '../observe/security.ts';
import { meaningOfAbsence } from './absence.ts';
import type { Host } from './host.ts';

export async function readKernel(host: Host): Promise<Observed<Kernel>> {
  const [release, build] = await Promise.all([
    host.text('/proc/sys/kernel/osrelease'),
    host.text('/proc/sys/kernel/version'),
  ]);
  return known(release, (name) =>
    known(build, (words) => ({ release: name.trim(), build: words.trim(), architecture: host.machine })),
  );
}

export async function readModuleLoading(host: Host): Promise<Observed<'allowed' | 'disabled'>> {
  return known(await host.text('/proc/sys/kernel/modules_disabled'), (text) => {
    const disabled = yesNo(text);
    return isKnown(disabled) ? (disabled === 'yes' ? 'disabled' : 'allowed') : disabled;
  });
}

export async function readModuleSignatures(
  host: Host,
): Promise<Observed<'enforced' | 'optional' | 'unsupported'>> {
  const reading = await host.text('/sys/module/module/parameters/sig_enforce');
  // A kernel that loads modules and has no such switch was built without signatures.
  const answer = await meaningOfAbsence(host, reading, {
    beside: '/proc/modules',
    means: 'unsupported' as const,
  });
  return answer ?? known(reading, enforced);
}

function enforced(text: string): Observed<'enforced' | 'optional'> {
  const value = yesNo(text);
  return isKnown(value) ? (value === 'yes' ? 'enforced' : 'optional') : value;
}

export async function readLockdown(host: Host): Promise<Observed<'none' | 'integrity' | 'confidentiality'>> {
  const reading = await host.text('/sys/kernel/security/lockdown');
  if (reading.state !== 'absent') return known(reading, parseLockdown);
  // Where other files of that file system are there, the kernel was built without lockdown.
  const beside = await host.list('/sys/kernel/security');
  if (beside.state === 'read' && beside.value.length > 0) return 'none';
  return unknown('The kernel does not say whether it is locked down, since securityfs is not mounted.');
}

export async function readSecureBoot(host: Host): Promise<Observed<'on' | 'off' | 'no-uefi'>> {
  const firmware = await host.kind('/sys/firmware/efi');
  const answer = await meaningOfAbsence(host, firmware, {
    beside: '/sys/firmware',
    means: 'no-uefi' as const,
  });
  if (answer !== undefined) return answer;
  const variable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
  return known(await host.bytes(variable), parseSecureBoot);
}

/** Kernel releases that have what modules are built with. */
export async function readHeaders(host: Host): Promise<Observed<readonly string[]>> {
  const reading = await host.list('/lib/modules');
  const answer = await meaningOfAbsence(host, reading, { beside: '/lib', means: [] });
  if (answer !== undefined) return answer;
  if (reading.state !== 'read') return unknown(reading.reason);
  const makefiles = await Promise.all(
    reading.value.map(async ({ name, path }) => ({ name, kind: await host.kind(`${path}/build/Makefile`) })),
  );
  const failed = makefiles.map(({ kind }) => kind).find(({ state }) => state === 'failed');
  if (failed !== undefined && failed.state !== 'read') return unknown(failed.reason);
  return makefiles.filter(({ kind }) => kind.state === 'read').map(({ name }) => name);
}
