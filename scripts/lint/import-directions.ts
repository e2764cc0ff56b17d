import { posix, relative, resolve } from 'node:path';

/** What the files of one area may import. A file belongs to the first area whose pattern matches its path. */
interface Area {
  readonly path: RegExp;
  /** Other areas by name; `type:NAME` for their types only, `import():NAME` for a dynamic import only. Absent: any. */
  readonly areas?: readonly string[];
  /** Packages and built-in modules. Absent: any. */
  readonly packages?: readonly string[];
}

const core = ['core', 'errors', 'type:ports', 'schemas'];
const world = ['world', 'kubeapi', 'ports', ...core];
const pass = ['pass', 'config', 'install', ...world];

const areas: Readonly<Record<string, Area>> = {
  schemas: { path: /^schemas\//, areas: [], packages: ['zod', 'node:crypto'] },
  errors: { path: /^reconciler\/errors\.ts$/, areas: [], packages: [] },
  ports: { path: /^reconciler\/(forge-port|ports)\.ts$/, areas: ['type:core', 'schemas'], packages: [] },
  core: {
    path: /^reconciler\/core\//,
    areas: core,
    packages: ['zod', 'yaml', 'node:buffer', 'node:crypto', 'node:zlib'],
  },
  install: { path: /^reconciler\/install\//, areas: core },
  kubeapi: { path: /^reconciler\/world\/kubeapi\//, areas: ['ports', ...core] },
  world: { path: /^reconciler\/world\//, areas: world },
  demo: {
    path: /^reconciler\/commands\/demo\.ts$/,
    areas: ['commands', 'type:main', 'import():test', ...pass],
  },
  commands: {
    path: /^reconciler\/commands\//,
    areas: ['demo', 'type:main', 'review', 'unattended', ...pass],
  },
  main: { path: /^reconciler\/(main|cli)\.ts$/, areas: ['main', 'commands', 'demo', ...pass] },
  unattended: { path: /^reconciler\/unattended\//, areas: pass },
  review: { path: /^reconciler\/review\//, areas: ['unattended', ...pass] },
  config: { path: /^reconciler\/config\//, areas: ['type:pass', 'install', ...world] },
  pass: {
    path: /^reconciler\/((args|help)\/)?[^/]+\.ts$/,
    areas: ['type:review', 'type:unattended', ...pass],
  },
  observe: { path: /^nodeagent\/observe\//, areas: ['schemas'], packages: ['zod'] },
  nodeagent: { path: /^nodeagent\//, areas: ['observe', 'kubeapi', 'errors', 'schemas'] },
  standIn: { path: /^test\/weka\//, areas: ['type:test', 'test'] },
  test: { path: /^test\// },
  scripts: { path: /^scripts\// },
};

/** Why an import is not allowed; undefined if it is. Paths are relative to the repository. */
export function forbidden(
  importer: string,
  source: string,
  how: 'value' | 'type' | 'dynamic',
): string | undefined {
  const from = areaOf(importer);
  if (from === undefined) return undefined;
  const area = areas[from]!;
  if (!source.startsWith('.')) {
    const name = source.startsWith('node:')
      ? source
      : source
          .split('/')
          .slice(0, source.startsWith('@') ? 2 : 1)
          .join('/');
    if (area.packages === undefined || area.packages.includes(name)) return undefined;
    return `${from} may not import ${name}, only ${listed(area.packages)}.`;
  }
  const to = areaOf(posix.join(posix.dirname(importer), source));
  if (to === undefined || to === from || area.areas === undefined || area.areas.includes(to))
    return undefined;
  if (how === 'type' && area.areas.includes(`type:${to}`)) return undefined;
  if (how === 'dynamic' && area.areas.includes(`import():${to}`)) return undefined;
  return `${from} may not import ${to}, only ${listed(area.areas.filter((name) => name !== from))}.`;
}

function areaOf(path: string): string | undefined {
  return Object.keys(areas).find((name) => areas[name]!.path.test(path));
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'its own files' : names.join(', ');
}

/** As much of a syntax node as matters here. */
interface ImportNode {
  readonly source: { readonly value?: unknown } | null;
  readonly importKind?: 'value' | 'type';
  readonly exportKind?: 'value' | 'type';
  readonly specifiers?: readonly { readonly importKind?: 'value' | 'type' }[];
}

interface Context {
  readonly cwd: string;
  readonly filename: string;
  report(problem: { node: object; message: string }): void;
}

/** The rule `weka-gitops/import-directions`, for oxlint. */
const rule = {
  create(context: Context) {
    const importer = relative(resolve(context.cwd), context.filename).replaceAll('\\', '/');
    const check = (node: ImportNode, how: 'value' | 'type' | 'dynamic') => {
      if (typeof node.source?.value !== 'string') return;
      const message = forbidden(importer, node.source.value, how);
      if (message !== undefined) context.report({ node, message });
    };
    const declared = (node: ImportNode) => {
      check(node, node.importKind === 'type' || node.exportKind === 'type' ? 'type' : 'value');
    };
    return {
      ImportDeclaration: declared,
      ExportNamedDeclaration: declared,
      ExportAllDeclaration: declared,
      ImportExpression: (node: ImportNode) => check(node, 'dynamic'),
      TSImportType: (node: ImportNode) => check(node, 'type'),
    };
  },
};

// A plugin is a default export.
export default { meta: { name: 'weka-gitops' }, rules: { 'import-directions': rule } };
