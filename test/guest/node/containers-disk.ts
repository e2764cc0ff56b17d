import { copyFile, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../cluster/run.ts';
import { lastLines, Supervisor } from '../../cluster/supervisor.ts';
import { assertRoot, insideRoot } from '../../image/inside-root.ts';
import { blob, createLayout, type Descriptor, readImage } from '../../image/oci-layout.ts';
import { makeDiskImage } from '../disk-image.ts';
import { kept } from '../kept.ts';
import { nodeSystem } from './node-packages.ts';

/** An image that a node has from the start. */
export interface PreloadedImage {
  /** As pods name it. */
  readonly name: string;
  /** Folder of an OCI layout that holds it. */
  readonly layout: string;
  /** What the layout calls it; the same where unset. */
  readonly reference?: string;
}

const SIZE_MIB = 8192;

/** Without what this machine may lack and nothing here needs. */
const CONFIG = `version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
`;

const UNPACK = `
containerd --config /images/config.toml &
until ctr version >/dev/null 2>&1; do
  kill -0 $!
  sleep 0.05
done
ctr --namespace k8s.io images import /images/images.tar
kill $!
wait $!
`;

/**
 * The disk for `/var/lib/containerd` of a node, with images unpacked in it. containerd itself makes it, on this machine: to unpack an
 * image in a guest takes a minute.
 */
export async function containersDisk(images: readonly PreloadedImage[]): Promise<string> {
  assertRoot('The disk of a node');
  const system = await nodeSystem();
  const found = await Promise.all(images.map(find));
  return await kept({
    name: 'containers-disk',
    from: [system, found.map(({ name, manifest }) => [name, manifest.digest]), UNPACK, SIZE_MIB],
    make: async (path) => {
      // Held by a supervisor, so that folders and mounts go though this process is killed.
      const supervisor = await Supervisor.start();
      try {
        const folder = join(supervisor.folder, 'containerd');
        await mkdir(folder);
        await unpack(folder, await archive(found, supervisor.folder), system, supervisor);
        await makeDiskImage(supervisor, { path, sizeMiB: SIZE_MIB, folder });
      } finally {
        await supervisor.end();
      }
    },
  });
}

async function unpack(folder: string, images: string, system: string, supervisor: Supervisor): Promise<void> {
  await writeFile(join(images, 'config.toml'), CONFIG);
  const scratch = join(supervisor.folder, 'scratch');
  await mkdir(scratch);
  const log = join(supervisor.folder, 'containerd.log');
  const { file, args } = insideRoot({
    root: system,
    scratch,
    binds: [
      { from: folder, to: '/var/lib/containerd' },
      { from: images, to: '/images' },
    ],
    ownNetwork: true,
    command: ['sh', '-euc', UNPACK],
  });
  const { ended } = await supervisor.spawn({ file, args, cwd: supervisor.folder, env: process.env, log });
  const how = await ended;
  if (how !== 'exit code 0')
    throw new Error(`containerd unpacked no images, ${how}: ${await lastLines(log)}`);
}

/** A folder with all images in one archive, each by its whole name. */
async function archive(images: readonly Found[], folder: string): Promise<string> {
  const all = join(folder, 'layout');
  await createLayout(all);
  for (const { layout, reference, manifest } of images) {
    const { config, layers } = (await readImage(layout, reference)).manifest;
    for (const { digest } of [manifest, config, ...layers])
      await linkOrCopy(blob(layout, digest), blob(all, digest));
  }
  const manifests = images.map(({ name, manifest }) => {
    return { ...manifest, annotations: { 'io.containerd.image.name': name } };
  });
  await writeFile(join(all, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  const into = join(folder, 'images');
  await mkdir(into);
  const { exitCode, stderr } = await run('tar', ['-c', '-f', join(into, 'images.tar'), '-C', all, '.']);
  if (exitCode !== 0) throw new Error(`tar failed: ${stderr}`);
  return into;
}

interface Found extends Required<PreloadedImage> {
  readonly manifest: Descriptor;
}

async function find({ name, layout, reference = name }: PreloadedImage): Promise<Found> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: Descriptor[] };
  const called = ({ annotations }: Descriptor) => annotations?.['org.opencontainers.image.ref.name'];
  const manifest = index.manifests.find((each) => called(each) === reference);
  if (manifest === undefined) throw new Error(`${layout} has no ${reference}.`);
  return { name, layout, reference, manifest };
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'EXDEV') throw error;
    await copyFile(from, to);
  });
}
