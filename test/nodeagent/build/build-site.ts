import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { modulesFile } from '../../../schemas/drivers/package.ts';
import type { DriverResult } from '../../../schemas/drivers/result.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { guestKernel } from '../../guest/kernel.ts';
import { SERVER_NAME } from '../dist/certificates.ts';
import { distSite, startTestDist } from '../dist/dist-site.ts';
import type { BuilderPod } from './builder-pod.ts';

export const VERSION = '4.4.5.118-test.1';
/** Of the kernel that builds are for where nothing else is said. */
export const { release } = await guestKernel('6.1');
export const target = { version: VERSION, kernel: release, architecture: 'x86_64' };
export const file = modulesFile(target);

/** A service, and what a builder has to know to bring something there. */
export async function aService() {
  const site = await distSite();
  const dist = await startTestDist(site);
  const env = { WEKA_VERSION: VERSION, UPLOAD_URL: dist.url, UPLOAD_SERVER_NAME: SERVER_NAME };
  return {
    dist,
    site,
    pod: ({ env: more, ...pod }: Partial<BuilderPod> = {}): BuilderPod => ({
      release,
      uploader: site.uploader,
      ...pod,
      env: { ...env, ...more },
    }),
    published: async () =>
      (await readdir(site.folder, { recursive: true })).filter((name) => /\.(gz|zip)$/.test(name)),
  };
}

/** Sources of one module. `text` is what its C file ends with. */
export async function sources({ text = '', kbuild = '' } = {}): Promise<string> {
  const folder = await scratchFolder();
  await writeFile(join(folder, 'Kbuild'), `obj-m := wekatest.o\n${kbuild}\n`);
  await writeFile(join(folder, 'wekatest.c'), `#include <linux/module.h>\nMODULE_LICENSE("GPL");\n${text}\n`);
  return folder;
}

/** What a pod says that failed. */
export function failure(result: DriverResult | undefined) {
  if (result?.result !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(result)}`);
  return result;
}

/** The environment of a pod with this pre-run script. */
export const script = (text: string) => ({ PRE_RUN_SCRIPT: Buffer.from(text).toString('base64') });

/** Files of a .tar.gz with nothing but files. */
export function membersOf(bytes: Buffer): readonly { readonly name: string; readonly content: Buffer }[] {
  const tar = gunzipSync(bytes);
  const members = [];
  for (let at = 0; tar[at] !== 0 && at < tar.length;) {
    const text = (from: number, length: number) =>
      tar.toString('latin1', at + from, at + from + length).split('\0')[0] ?? '';
    const size = Number.parseInt(text(124, 12), 8);
    members.push({ name: text(0, 100), content: tar.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}
