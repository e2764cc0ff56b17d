import { readFile } from 'node:fs/promises';
import type { OperatingSystem } from '../../schemas/node-report.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import { parseOsRelease } from '../observe/os-release.ts';

/** Where a pod has the os-release of its node. */
const OS_RELEASE = '/hostside/etc/os-release';

/** The system of the node, as its os-release has it; undefined where the pod has none. */
export async function nodeSystem(): Promise<OperatingSystem | undefined> {
  const text = await readFile(OS_RELEASE, 'utf8').catch(() => '');
  const os = parseOsRelease(text);
  return isKnown(os) ? os : undefined;
}

/**
 * What tells builds of one kernel apart, where nobody says it (weka-operator §3.5): Container-Optimized OS has one kernel release for
 * several builds. What `ubuntu24.04` is for is only the registry's packages.
 */
export async function findBuildId(): Promise<string | undefined> {
  const os = await nodeSystem();
  return os?.id === 'cos' ? os.buildId : undefined;
}
