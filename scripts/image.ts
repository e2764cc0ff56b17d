/**
 * Makes what the image holds of ours: `node scripts/image.ts FOLDER SYSTEM`. FOLDER gets both programs, commands that
 * start them, and the bill of materials of the whole image; SYSTEM tells what else the image is made of.
 */
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { bundle, RUNTIME, runtimeEnv } from './bundle.ts';
import { billOfMaterials } from './bill-of-materials.ts';

/** Whoever runs in the image: root where the agent does, and nobody's number elsewhere. */
const USERS = [0, 65532];

const COMMANDS = 'bin';

/** The text of a command that starts a program with what Node is to be started with. */
export function startScript(file: string): string {
  const env = Object.entries(runtimeEnv(file)).map(([name, value]) => `${name}=${value}`);
  return [
    '#!/bin/sh',
    `export ${env.join(' ')}`,
    `exec node ${RUNTIME.flags.join(' ')} ${file} "$@"`,
    '',
  ].join('\n');
}

/** Fills `folder`, as root; its path is the one that it has in the image. */
export async function fillImage(folder: string, system: string): Promise<void> {
  const made = await bundle(folder, USERS);
  await mkdir(join(folder, COMMANDS), { recursive: true });
  for (const { file } of [made, made.agent]) {
    await writeFile(join(folder, COMMANDS, basename(file, '.mjs')), startScript(file));
  }
  const bill = await billOfMaterials({
    programs: [made.parts, made.agent.parts],
    node: process.versions.node,
    osRelease: await readFile(join(system, 'os-release'), 'utf8'),
    dpkgStatus: await readFile(join(system, 'status'), 'utf8'),
    goModules: await readFile(join(system, 'kustomize.modules'), 'utf8'),
  });
  await writeFile(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 1)}\n`);
  await givenToRoot(folder);
}

/** What was compiled for one user belongs to this user, who alone may read it; in the image all of it is root's. */
async function givenToRoot(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chown(path, 0, 0);
    await chmod(path, entry.isDirectory() || entry.parentPath === join(folder, COMMANDS) ? 0o755 : 0o644);
  }
}

if (import.meta.main) await fillImage(resolve(process.argv[2] ?? 'dist'), resolve(process.argv[3] ?? '.'));
