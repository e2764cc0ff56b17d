import * as z from 'zod';
import { text } from '../node/observed.ts';

const Word = text(128).regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/, 'is no word of letters, digits and .+~_-');

/** What a build of drivers is for: a package fits exactly one of these. */
export const driverTargetFields = {
  version: Word.describe('Version of WEKA, e.g. `4.4.5.118-k8s.3`.'),
  kernel: Word.describe('Release of the kernel, as `uname -r` prints it.'),
  architecture: Word.describe('As `uname -m` prints it, e.g. `x86_64`.'),
  buildId: Word.optional().describe(
    'What tells builds of one kernel apart: `BUILD_ID` of Container-Optimized OS, `ubuntu24.04`, or `driversBuildId` of a manifest.',
  ),
};
export const DriverTarget = z.object(driverTargetFields);
export type DriverTarget = z.infer<typeof DriverTarget>;

/** One text for each target, for maps and messages: `4.4.5.118/6.8.0-45-generic/x86_64`. */
export function targetKey({ version, kernel, architecture, buildId }: DriverTarget): string {
  return [version, kernel, architecture, ...(buildId === undefined ? [] : [buildId])].join('/');
}
