import { readdir } from 'node:fs/promises';

/** Where an image of WEKA has its versions and drivers (weka-operator §3.2). */
export const WEKA_DIST = '/opt/weka/dist';

/** Where an init container puts the versions of an image of WEKA, beside a builder image of another kind (weka-operator §3.3). */
export const SHARED_WEKA = '/shared-weka-version/opt-weka';

/**
 * The version as the vendor's command has it: that of its spec in `dist/release`, of which an image has one. The tag of an
 * image may say more.
 */
export async function vendorVersion(version: string, folder = WEKA_DIST): Promise<string | undefined> {
  const names = await readdir(`${folder}/release`).catch(() => []);
  const versions = names
    .filter((name) => name.endsWith('.spec'))
    .map((name) => name.slice(0, -'.spec'.length));
  if (versions.includes(version)) return version;
  return versions.length === 1 ? versions[0] : undefined;
}

/** The options that `weka driver …` takes wherever it runs without an agent. */
export function vendorOptions(version: string, buildId: string | undefined): readonly string[] {
  const of = buildId === undefined ? [] : ['--kernel-build-id', buildId];
  return ['--without-agent', '--version', version, ...of];
}
