import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HAND_EDITS, type Push, PUSHES, SUSPENDED_FOR } from '../demo/deeds.ts';
import type { NodeSpec } from '../cluster/nodes.ts';
import type { World } from './crash-world.ts';

/** One thing that people do, and what a pass shall make of it. */
export interface Step {
  readonly name: string;
  /** Done once, by others than the program. */
  readonly happens: (world: World) => Promise<void>;
  /** Commands of the program before the pass; like it they may die at each call. */
  readonly commands?: readonly (readonly string[])[];
  /** Exit code of a pass once it is at rest. */
  readonly exitCode: 0 | 1;
}

/** Classes that the pods of WEKA ask for. They are the cluster's, so no story makes them. */
export const PRIORITY_CLASSES = ['weka-targeted-no-evict', 'weka-initial-no-evict']
  .map((name) =>
    JSON.stringify({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value: 1000,
    }),
  )
  .join('\n---\n');

/**
 * The node on which the pods of WEKA of every story stand. It is the cluster's too, and its taint keeps away what does not
 * help WEKA.
 */
export const STORY_NODE: NodeSpec = {
  name: 'weka-gitops-story',
  labels: { 'weka-gitops.dev/story': 'yes' },
  taints: [{ key: 'weka-gitops.dev/story', effect: 'NoSchedule' }],
  capacity: { cpu: '10000', memory: '100Ti', pods: '20000' },
};

/** By path. */
type Files = Readonly<Record<string, string>>;

const EXAMPLES = fileURLToPath(new URL('../../examples-repo', import.meta.url));
const EXAMPLE_FILES = await filesBelow(EXAMPLES);

/** It cannot be changed in place, so it is deleted and made again: what the demo has no room for. */
const REPLACED: Push = {
  message: 'Rank one class lower',
  edits: [{ file: 'cluster/priority-classes.yaml', from: 'value: 900000000', to: 'value: 800000000' }],
};

const AFTER = {
  hall: EXAMPLE_FILES,
  three: pushed(EXAMPLE_FILES, PUSHES.threeExporters),
  get noReport() {
    return pushed(this.three, PUSHES.noReport);
  },
  get tidiedUp() {
    return pushed(this.noReport, PUSHES.tidyUp);
  },
  get broken() {
    return pushed(this.noReport, PUSHES.broken);
  },
  get mended() {
    return pushed(this.broken, PUSHES.mended);
  },
  get four() {
    return pushed(this.mended, PUSHES.fourExporters);
  },
  get replaced() {
    return pushed(this.four, REPLACED);
  },
};

/**
 * The demo's own story: its files, its commits, what is done by hand in it, and its brake, each followed by a pass. After
 * it an object is replaced.
 */
export const STORY: readonly Step[] = [
  push('first apply', {}, AFTER.hall),
  push('change', AFTER.hall, AFTER.three),
  {
    name: 'drift',
    happens: async (world) => {
      await byHand(world, HAND_EDITS.oneExporter);
      await byHand(world, HAND_EDITS.noService);
    },
    exitCode: 0,
  },
  push('prune', AFTER.three, AFTER.noReport),
  push('emptied', AFTER.noReport, AFTER.tidiedUp, 1),
  push('restored', AFTER.tidiedUp, AFTER.noReport),
  push('broken', AFTER.noReport, AFTER.broken, 1),
  push('mended', AFTER.broken, AFTER.mended),
  push('change again', AFTER.mended, AFTER.four),
  {
    name: 'suspended',
    happens: (world) => byHand(world, HAND_EDITS.oneExporter),
    commands: [['suspend', '--reason', SUSPENDED_FOR]],
    exitCode: 1,
  },
  { name: 'resumed', happens: () => Promise.resolve(), commands: [['resume']], exitCode: 0 },
  push('replaced', AFTER.four, AFTER.replaced),
];

function push(name: string, before: Files, after: Files, exitCode: 0 | 1 = 0): Step {
  return {
    name,
    happens: async (world) => {
      const entries: Record<string, string | null> = {};
      for (const path of Object.keys(before)) if (after[path] === undefined) entries[path] = null;
      for (const [path, text] of Object.entries(after)) {
        if (before[path] !== text) entries[path] = inWorld(world, path, text);
      }
      await world.repository.commit(entries, { message: name });
    },
    exitCode,
  };
}

function pushed(files: Files, { edits = [], removes = [] }: Push): Files {
  const next: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    if (!removes.some((gone) => path === gone || path.startsWith(`${gone}/`))) next[path] = text;
  }
  for (const { file, from, to } of edits) {
    const text = next[file];
    if (text?.includes(from) !== true) throw new Error(`${file} does not hold ${JSON.stringify(from)}.`);
    next[file] = text.replace(from, to);
  }
  return next;
}

async function byHand({ cluster, namespace }: World, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await cluster.kubectl(args.map((arg) => NAMESPACES(namespace)[arg] ?? arg));
  if (exitCode !== 0) throw new Error(stderr);
}

/** The namespaces of the examples, and what they are called in a world. */
const NAMESPACES = (namespace: string): Readonly<Record<string, string>> => ({
  weka: namespace,
  'weka-monitoring': `${namespace}-monitoring`,
});

/** An example with the names that a cluster has but once: namespaces, and what belongs to none. */
function inWorld({ namespace }: World, path: string, text: string): string {
  const own = text
    .replaceAll(/namespace: weka(?=$|-monitoring)/gm, `namespace: ${namespace}`)
    .replaceAll('weka-local', namespace);
  switch (path) {
    case 'settings.yaml':
      return own
        .replace('[weka, weka-monitoring]', `[${namespace}, ${namespace}-monitoring]`)
        .replace('weka/quay-io', `${namespace}/quay-io`);
    case 'cluster/namespaces.yaml':
      return own.replaceAll('name: weka', `name: ${namespace}`);
    case 'cluster/local-storage.yaml':
      return own
        .replace('name: weka-driver-packages', `name: ${namespace}`)
        .replace('values: [node-1]', `values: [${STORY_NODE.name}]`);
    case 'drivers/weka-driver.yaml':
      return own
        .replace('weka.io/kernel: 6.8.0-87-generic', 'weka-gitops.dev/story: yes_')
        .replace('  pvc:\n', '  nodeSelector:\n    weka-gitops.dev/story: yes_\n  pvc:\n')
        .replaceAll('yes_', "'yes'");
    case 'cluster/priority-classes.yaml':
      return own.replaceAll('name: weka-', `name: ${namespace}-`);
    default:
      return own;
  }
}

async function filesBelow(folder: string): Promise<Files> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = names
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  );
}
