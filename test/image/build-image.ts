import { execFile } from 'node:child_process';
import { access, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { alone } from '../cluster/lock.ts';
import { noteUse, removeUnused } from '../cluster/remove-unused.ts';
import { lastLines, type Supervisor } from '../cluster/supervisor.ts';
import { debianRoot } from '../tools/debian/debian-root.ts';
import { GIVEN, hashBase, tarLayer, writeBaseImages } from './base-image.ts';
import { type Bind, insideRoot } from './inside-root.ts';
import { addImage, addLayer, createLayout, type ImageConfig } from './oci-layout.ts';

/** What the images are called, by every program that reads them. */
export const REFERENCES = {
  built: 'weka-gitops.test/weka-gitops:built',
  pause: 'weka-gitops.test/pause:built',
} as const;

export const BUILDER_PACKAGES = [
  'buildah',
  'busybox-static',
  'coreutils',
  'dash',
  'mount',
  'tar',
  'util-linux',
];

/** Each build leaves some, of tens of megabytes; with more of them, all are made anew. */
const MOST_LAYERS = 150;
/** Of how many bases the steps are kept. */
const MOST_STEPS = 2;

const run = promisify(execFile);

export interface Build {
  /** An empty folder, which becomes the layout of the images. */
  readonly layout: string;
  /** What the image is made of, with the Dockerfile. */
  readonly source: string;
  /** Where the steps of earlier builds are kept, so that only those are done again that something has changed for. */
  readonly cache: string;
  readonly supervisor: Supervisor;
  readonly report: (line: string) => void;
}

/** Builds the image by buildah, and makes the one beside it that holds a pod's namespaces. */
export async function buildImage(options: Build): Promise<void> {
  const { layout, cache, supervisor, report } = options;
  const builder = await debianRoot({ name: 'image-builder', packages: BUILDER_PACKAGES, report });
  const scratch = join(supervisor.folder, 'build');
  await mkdir(scratch);
  await createLayout(layout);
  await addPauseImage(layout, builder, scratch);

  const storage = join(cache, `steps-${await hashBase()}`);
  const onWait = () => report('Another process builds an image; waiting for it.');
  await alone(storage, () => buildWithSteps({ ...options, builder, scratch, storage }), onWait);

  const inspected = JSON.parse(await readFile(join(scratch, 'output/inspected.json'), 'utf8')) as {
    readonly OCIv1: { readonly config: ImageConfig };
  };
  const layer = await addLayer(layout, join(scratch, 'output/layer.tar'));
  await addImage(layout, REFERENCES.built, [layer], inspected.OCIv1.config);
}

interface StepsBuild extends Build {
  readonly builder: string;
  readonly scratch: string;
  readonly storage: string;
}

async function buildWithSteps(build: StepsBuild): Promise<void> {
  const { cache, storage, report } = build;
  const layers = await readdir(join(storage, 'storage/overlay')).catch(() => []);
  if (layers.length > MOST_LAYERS) await rm(storage, { recursive: true });
  const hadSteps = await exists(storage);
  try {
    await runBuildah(build);
  } catch (error) {
    if (!hadSteps) throw error;
    // Whoever was killed while it built may have left them in any state.
    await rm(storage, { recursive: true, force: true });
    report('The image cannot be built with the steps that were kept; building it from the start.');
    await runBuildah(build);
  }
  await noteUse(storage);
  await removeUnused(cache, { versions: MOST_STEPS });
}

async function runBuildah({
  source,
  supervisor,
  report,
  builder,
  scratch,
  storage,
}: StepsBuild): Promise<void> {
  const [bases, mounts, output] = [join(scratch, 'bases'), join(scratch, 'mounts'), join(scratch, 'output')];
  for (const folder of [bases, mounts, output]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
  if (!(await exists(storage))) {
    await mkdir(storage);
    await writeBaseImages(bases, scratch, report);
  }
  const { file, args } = insideRoot({
    root: builder,
    scratch: mounts,
    binds: [
      { from: source, to: '/source' },
      { from: bases, to: '/bases' },
      { from: storage, to: '/var/lib/containers' },
      { from: output, to: '/output' },
      ...(await ofThisMachine()),
    ],
    env: proxies(),
    command: ['sh', '-euc', BUILDAH],
  });
  const log = join(supervisor.folder, 'build.log');
  const building = await supervisor.spawn({ file, args, cwd: supervisor.folder, env: process.env, log });
  const how = await building.ended;
  if (how !== 'exit code 0')
    throw new Error(`The image cannot be built, ${how}:\n${await lastLines(log, 40)}`);
}

// The layers become one: what the image removes of its base is gone. Nothing is compressed: it is unpacked a moment later.
const BUILDAH = `
mkdir -p /var/tmp /var/lib/containers/tmp
mount --bind /var/lib/containers/tmp /var/tmp
buildah() {
  command buildah --root=/var/lib/containers/storage --runroot=/run/containers --storage-driver=overlay "$@"
}
buildah rm --all > /dev/null
if [ -e /bases/index.json ]; then
  for base in base go; do buildah tag "$(buildah pull --quiet oci:/bases:$base)" localhost/$base; done
fi
buildah build --isolation=chroot --network=host --layers --pull-never --volume=/given:${GIVEN} \\
  --build-arg=BASE=localhost/base --build-arg=GO=localhost/go --tag=localhost/built /source
container=$(buildah from --pull-never localhost/built)
tar --create --file=/output/layer.tar --sort=name --numeric-owner --directory="$(buildah mount "$container")" .
buildah inspect --type=image localhost/built > /output/inspected.json
buildah rm "$container" > /dev/null
`;

/** How this machine reaches others, whom it trusts, and what it has of packages and modules. */
async function ofThisMachine(): Promise<readonly Bind[]> {
  const npm = await run('npm', ['config', 'get', 'cache']);
  const go = await run('go', ['env', 'GOROOT', 'GOMODCACHE', 'GOCACHE']);
  const [goRoot = '', modules = '', packages = ''] = go.stdout.split('\n');
  const folders = { npm: npm.stdout.trim(), go: goRoot, 'go-modules': modules, 'go-build': packages };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const authorities = process.env['NODE_EXTRA_CA_CERTS'] || '/etc/ssl/certs/ca-certificates.crt';
  return [
    ...Object.entries(folders).map(([name, from]) => ({ from, to: `/given/${name}` })),
    { from: authorities, to: '/given/authorities.pem' },
    ...['/etc/resolv.conf', '/etc/hosts'].map((file) => ({ from: file, to: file })),
  ];
}

function proxies(): Record<string, string> {
  const named = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name));
  return Object.fromEntries(named.map(([name, value]) => [name, value ?? '']));
}

/** A pod's first container does nothing, for as long as the pod is there. */
async function addPauseImage(layout: string, builder: string, scratch: string): Promise<void> {
  const root = join(scratch, 'pause');
  await mkdir(root);
  await cp(join(builder, 'usr/bin/busybox'), join(root, 'busybox'));
  const layer = await tarLayer(layout, root, scratch);
  const Entrypoint = ['/busybox', 'sleep', '2147483647'];
  await addImage(layout, REFERENCES.pause, [layer], { User: '65535:65535', Entrypoint });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
