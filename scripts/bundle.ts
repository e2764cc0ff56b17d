/**
 * Bundles the program and its packages, as the image has them: `node scripts/bundle.ts [FOLDER]`. A few files start
 * sooner and take less memory than the thousand that they are made of.
 */
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What Node is started with, flags and environment. By default each half of V8's space for new objects grows to 16 MiB
 * and more, and the C library keeps a heap for each thread: a pass is no faster for it, and takes twice the memory.
 */
export const RUNTIME = {
  flags: ['--max-semi-space-size=1'],
  env: { MALLOC_ARENA_MAX: '1' },
} as const;

export interface Bundle {
  /** Path of the program. */
  readonly file: string;
  /** What it is made of. */
  readonly parts: Metafile;
}

/** The demo brings a control plane and stays in the checkout. */
const withoutDemo: Plugin = {
  name: 'without-demo',
  setup(bundling) {
    bundling.onResolve({ filter: /\/test\/demo\/demo\.ts$/ }, ({ path }) => ({
      path,
      namespace: 'without-demo',
    }));
    bundling.onLoad({ filter: /.*/, namespace: 'without-demo' }, () => ({
      contents: `export function demo({ console }) {
        console.complain('weka-gitops: The demo runs from a checkout of the source: npm run demo.\\n');
        return 2;
      }`,
    }));
  },
};

/** Writes the program to `folder`, in place of an older one. */
export async function bundle(folder: string): Promise<Bundle> {
  const older = await readdir(folder).catch(() => []);
  for (const name of older.filter((file) => file.startsWith(PART))) await rm(join(folder, name));
  return await bundleEntry('weka-gitops', join(root, 'reconciler/main.ts'), folder);
}

/** How the names begin of what is loaded only when it is needed. One file with all of it would be parsed in whole. */
const PART = 'part-';

/** Bundles a program as `FOLDER/NAME.mjs`. */
export async function bundleEntry(name: string, entry: string, folder: string): Promise<Bundle> {
  const { metafile } = await build({
    entryPoints: { [name]: entry },
    outdir: folder,
    chunkNames: `${PART}[hash]`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    // Errors are known by the names of their classes.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    plugins: [withoutDemo],
    // Packages of the older kind call require(), which a module does not have.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
  return { file: join(folder, `${name}.mjs`), parts: metafile };
}

if (import.meta.main) console.log((await bundle(resolve(process.argv[2] ?? join(root, 'dist')))).file);
