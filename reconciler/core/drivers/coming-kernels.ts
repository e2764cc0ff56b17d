import { isKnown } from '../../../schemas/node/observed.ts';
import type { DriverReport } from '../nodes/driver-report.ts';
import { compareVersions, parseVersion, type Version } from '../preflight/version.ts';

/**
 * The newest kernel that a node has headers of and has not booted yet, of the same flavour as the one that runs
 * (`6.8.0-50-generic` beside `6.8.0-45-generic`); undefined where there is none. Headers of older ones are often left behind.
 */
export function comingKernel({ headers, kernel }: DriverReport['observed']): string | undefined {
  if (!isKnown(headers) || !isKnown(kernel)) return undefined;
  const running = releaseOf(kernel.release);
  const newer = headers
    .map((release) => ({ release, parts: releaseOf(release) }))
    .filter(
      ({ parts }) => parts.flavour === running.flavour && compareVersions(parts.version, running.version) > 0,
    )
    .toSorted((a, b) => compareVersions(b.parts.version, a.parts.version));
  return newer[0]?.release;
}

/** All numbers of a release up to its flavour: `6.8.0-45-generic` is 6.8.0.45 and `generic`. */
function releaseOf(release: string): { readonly version: Version; readonly flavour: string } {
  const first = parseVersion(release);
  if (first === undefined) return { version: [], flavour: release };
  const [, rest = ''] = /^v?\d+(?:\.\d+){1,3}(.*)$/.exec(release) ?? [];
  const [, build = '', flavour = ''] = /^([-.\d]*)(.*)$/.exec(rest) ?? [];
  // A release of Red Hat has more numbers within what follows, which is one flavour all the same: `-553.el8_10.x86_64`.
  return {
    version: [...first, ...(build.match(/\d+/g) ?? []).map(Number)],
    flavour: flavour.replaceAll(/\d+/g, '#'),
  };
}
