/**
 * Bundles both programs and their packages, as the image has them: `node scripts/bundle.ts [FOLDER]`. A few files start
 * sooner and take less memory than the thousand that they are made of.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What Node is started with, flags and environment. By default each half of V8's space for new objects grows to 16 MiB
 * and more, and the C library keeps a heap for each thread: a pass is no faster for it, and takes twice the memory. The C
 * library also keeps what was freed, and the more of it the larger it was; with a threshold given, though it is that of its
 * default, it gives all of that back: 7 MiB less when nothing happens.
 */
export const RUNTIME = {
  flags: ['--max-semi-space-size=1'],
  env: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
} as const;

/** Where Node keeps what it compiled of a program: beside it, so that the image brings it along. */
const COMPILED = 'compiled';

/** The environment of a bundled program. Without what was compiled before, a start takes longer, and 5 MiB more. */
export function runtimeEnv(file: string): Readonly<Record<string, string>> {
  return { ...RUNTIME.env, NODE_COMPILE_CACHE: join(dirname(file), COMPILED) };
}

export interface Program {
  /** Path of the program. */
  readonly file: string;
  /** What it is made of. Paths are from the root of this repository. */
  readonly parts: Metafile;
}

/** `weka-gitops`, with the agent beside it. */
export interface Bundle extends Program {
  readonly agent: Program;
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

/**
 * Of undici, what is asked of it here, and nothing else: the whole of it, with its fetch, caches and mocks, takes 10 MiB
 * more of memory. What this leaves out and somebody imports does not bundle.
 */
const partOfUndici: Plugin = {
  name: 'part-of-undici',
  setup(bundling) {
    const namespace = 'part-of-undici';
    bundling.onResolve({ filter: /^undici$/ }, ({ importer, path }) =>
      importer.includes('/node_modules/') ? undefined : { path, namespace },
    );
    bundling.onLoad({ filter: /.*/, namespace }, () => ({ contents: UNDICI, resolveDir: root }));
    // HTTP/2 is 6 MiB; it is loaded for the first server that speaks it, which only a git server may.
    bundling.onResolve({ filter: /^\.\/client-h2\.js$/ }, ({ resolveDir, path }) => ({
      path: join(resolveDir, path),
      namespace: 'late-http2',
    }));
    bundling.onLoad({ filter: /.*/, namespace: 'late-http2' }, ({ path }) => ({
      contents: `module.exports = (...given) => require(${JSON.stringify(path)})(...given);`,
      resolveDir: root,
    }));
  },
};

const UNDICI = `
  import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
  import Agent from 'undici/lib/dispatcher/agent.js';
  import Pool from 'undici/lib/dispatcher/pool.js';
  import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
  import errors from 'undici/lib/core/errors.js';
  import requestBy from 'undici/lib/api/api-request.js';

  Dispatcher.prototype.request = requestBy;

  function request(url, { dispatcher, ...options }) {
    const { origin, pathname, search } = new URL(url);
    return requestBy.call(dispatcher, { ...options, origin, path: pathname + search });
  }

  // What a fetch takes is loaded for the first forge.
  function fetch(...given) {
    return require('undici/lib/web/fetch/index.js').fetch(...given);
  }

  export { Agent, errors, fetch, Pool, ProxyAgent, request };
`;

/**
 * An `import` of a part of Node reads all that the part exports, whatever is named: that of `node:http` has WebSocket, for
 * which Node loads its own copy of undici. In all it is 17 MiB. What is taken from the object is only what is used.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup(bundling) {
    const namespace = 'builtins';
    bundling.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && path !== 'node:module' ? { path, namespace } : undefined,
    );
    bundling.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** What zod says, we say in English. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup(bundling) {
    bundling.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * Writes both programs to `folder`, in place of older ones. What Node compiles of a program it keeps for each user, who alone
 * may use it: `users` are the numbers of those who run it, if not only whoever bundles it.
 */
export async function bundle(folder: string, users: readonly number[] = []): Promise<Bundle> {
  const older = await readdir(folder).catch(() => []);
  const gone = older.filter((name) => name.startsWith(PART) || name === COMPILED);
  for (const name of gone) await rm(join(folder, name), { recursive: true });
  const made = await bundleEntry('weka-gitops', join(root, 'reconciler/main.ts'), folder);
  const agent = await bundleEntry('weka-nodeagent', join(root, 'nodeagent/main.ts'), folder);
  const compiled = join(folder, COMPILED);
  await mkdir(compiled);
  await chmod(compiled, 0o777);
  for (const user of users.length > 0 ? users : [undefined]) {
    for (const { file } of [made, agent]) await compile(file, user);
  }
  await chmod(compiled, 0o755);
  return { ...made, agent };
}

/** Once is enough for Node to compile what every command needs, and to keep it. */
async function compile(file: string, user: number | undefined): Promise<void> {
  const as = user === undefined ? {} : { uid: user, gid: user };
  const env = { ...process.env, ...runtimeEnv(file) };
  await promisify(execFile)(process.execPath, [...RUNTIME.flags, file, '--version'], { ...as, env });
}

/** How the names begin of what is loaded only when it is needed. One file with all of it would be parsed in whole. */
const PART = 'part-';

/** Bundles a program as `FOLDER/NAME.mjs`: of the same sources and packages, wherever they are, the same bytes. */
export async function bundleEntry(name: string, entry: string, folder: string): Promise<Program> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir: folder,
    chunkNames: `${PART}[hash]`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Errors are known by the names of their classes. To keep those beside shorter ones, each function would be given its
    // name each time that it is made, those inside others among them: a tenth of a pass.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    // isomorphic-git packs each object through them and a Response, for which Node loads its own copy of all of undici:
    // 15 MiB. Without them it has a way that takes none.
    define: { CompressionStream: 'undefined', DecompressionStream: 'undefined' },
    plugins: [withoutDemo, builtins, partOfUndici, onlyEnglish],
    // Packages of the older kind call require(), which a module does not have.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
  return { file: join(folder, `${name}.mjs`), parts: metafile };
}

if (import.meta.main) console.log((await bundle(resolve(process.argv[2] ?? join(root, 'dist')))).file);
