import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { debianArchitecture } from '../tools/debian/architecture.ts';

/** A blob of an image layout. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a container of an image starts as. */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageDocument {
  readonly architecture: string;
  readonly config: ImageConfig;
}

interface Index {
  readonly manifests: readonly Descriptor[];
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Begins a folder of images as the OCI lays it out. */
export async function createLayout(layout: string): Promise<void> {
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
}

/** Moves the tar file of a layer into a layout. */
export async function addLayer(layout: string, tar: string): Promise<Descriptor> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(tar, { highWaterMark: 2 ** 20 }), hash);
  const hex = hash.digest('hex');
  const { size } = await stat(tar);
  await rename(tar, blob(layout, `sha256:${hex}`));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hex}`, size };
}

/** Adds an image of layers that are there. */
export async function addImage(
  layout: string,
  name: string,
  layers: readonly Descriptor[],
  config: ImageConfig,
): Promise<void> {
  const document = {
    architecture: debianArchitecture(),
    os: 'linux',
    config,
    // Builders count on as many lines as there are layers.
    history: layers.map(() => ({ created_by: 'weka-gitops' })),
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: await addJson(layout, 'application/vnd.oci.image.config.v1+json', document),
    layers,
  };
  await addManifest(layout, name, manifest);
}

async function addManifest(layout: string, name: string, manifest: Manifest): Promise<void> {
  const { manifests } = await readIndex(layout);
  // By the second one containerd knows an image's whole name.
  const annotations = { 'org.opencontainers.image.ref.name': name, 'io.containerd.image.name': name };
  const added = { ...(await addJson(layout, MANIFEST, manifest)), annotations };
  await writeFile(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [...manifests, added] }),
  );
}

/** What a layout says of the image that has this reference. */
export async function readImage(
  layout: string,
  reference: string,
): Promise<{ readonly manifest: Manifest; readonly document: ImageDocument }> {
  const { manifests } = await readIndex(layout);
  const found = manifests.find(
    ({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === reference,
  );
  if (found === undefined) throw new Error(`${layout} has no ${reference}.`);
  const manifest = await readJson<Manifest>(blob(layout, found.digest));
  return { manifest, document: await readJson<ImageDocument>(blob(layout, manifest.config.digest)) };
}

/** The file of a blob. */
export function blob(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

async function addJson(layout: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const text = JSON.stringify(value);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  await writeFile(blob(layout, digest), text);
  return { mediaType, digest, size: Buffer.byteLength(text) };
}

async function readIndex(layout: string): Promise<Index> {
  return readJson<Index>(join(layout, 'index.json'));
}

async function readJson<Value>(file: string): Promise<Value> {
  return JSON.parse(await readFile(file, 'utf8')) as Value;
}
