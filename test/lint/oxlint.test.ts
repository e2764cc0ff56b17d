import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../cluster/run.ts';
import { scratchFolder } from '../cluster/scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('is told by the linter, with the configuration of this repository', async () => {
  const complaints = await lint({
    'schemas/clean.ts': 'export const one = 1;',
    'schemas/upwards.ts': "export { plan } from '../reconciler/core/plan.ts';",
    'reconciler/core/plan.ts': 'export const plan = 1;',
    'reconciler/core/impure.ts':
      "import { readFileSync } from 'node:fs';\nexport const text = readFileSync('/etc/hosts', 'utf8');",
    'reconciler/core/outwards.ts':
      "import type { apply } from '../world/apply.ts';\nexport type Apply = typeof apply;",
    'reconciler/core/clock.ts': 'export const today = () => Date.now();',
    'reconciler/core/lottery.ts': 'export const lucky = () => Math.random();',
    'reconciler/core/setting.ts': 'export const setting = () => process.cwd();',
    'reconciler/world/apply.ts': "export * from '../commands/plan.ts';",
    'reconciler/world/environment.ts': "export const home = process.env['HOME'];",
    'reconciler/commands/plan.ts': "export const demo = async () => import('../../test/demo/story.ts');",
    'reconciler/commands/demo.ts': "export const demo = async () => import('../../test/demo/story.ts');",
    'reconciler/commands/chicken.ts': "import { egg } from './egg.ts';\nexport const chicken = () => egg;",
    'reconciler/commands/egg.ts':
      "import { chicken } from './chicken.ts';\nexport const egg = () => chicken;",
    'reconciler/main.ts': "export const home = process.env['HOME'];",
    'reconciler/forgotten.ts': 'const write = async () => {};\nexport const done = () => { write(); };',
    'reconciler/careless.ts': 'export const size = (text: string) => JSON.parse(text).size;',
    'reconciler/forgetful.ts':
      "export function word(op: 'create' | 'prune') {\n  switch (op) {\n    case 'create':\n      return 'made';\n  }\n  return 'unmade';\n}",
    'reconciler/standard.ts': 'export default 1;',
    'test/demo/story.ts': 'export const story = 1;',
    'test/weka/program.ts': "export { plan } from '../../reconciler/core/plan.ts';",
  });
  expect(complaints).toEqual([
    'reconciler/careless.ts: typescript(no-unsafe-member-access)',
    'reconciler/careless.ts: typescript(no-unsafe-return)',
    'reconciler/commands/chicken.ts: import(no-cycle)',
    'reconciler/commands/egg.ts: import(no-cycle)',
    'reconciler/commands/plan.ts: weka-gitops(import-directions)',
    'reconciler/core/clock.ts: eslint(no-restricted-properties)',
    'reconciler/core/impure.ts: weka-gitops(import-directions)',
    'reconciler/core/lottery.ts: eslint(no-restricted-properties)',
    'reconciler/core/outwards.ts: weka-gitops(import-directions)',
    'reconciler/core/setting.ts: eslint(no-restricted-globals)',
    'reconciler/forgetful.ts: typescript(switch-exhaustiveness-check)',
    'reconciler/forgotten.ts: typescript(no-floating-promises)',
    'reconciler/standard.ts: import(no-default-export)',
    'reconciler/world/apply.ts: weka-gitops(import-directions)',
    'reconciler/world/environment.ts: node(no-process-env)',
    'schemas/upwards.ts: weka-gitops(import-directions)',
    'test/weka/program.ts: weka-gitops(import-directions)',
  ]);
});

/** What the linter says of these files, as `PATH: RULE`. */
async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await scratchFolder();
  const tsconfig = JSON.stringify({
    compilerOptions: {
      strict: true,
      module: 'nodenext',
      target: 'es2024',
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      noEmit: true,
      allowImportingTsExtensions: true,
    },
  });
  // Its patterns are relative to where it is, so it goes along; the plugin it names stays where it is.
  const config = (await readFile(join(root, '.oxlintrc.json'), 'utf8')).replaceAll('"./', `"${root}`);
  const all = {
    ...files,
    '.oxlintrc.json': config,
    'tsconfig.json': tsconfig,
    'package.json': '{ "type": "module" }',
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }
  const args = ['--type-aware', '--format=json'];
  const { stdout, stderr } = await run(join(root, 'node_modules/.bin/oxlint'), args, { cwd: folder });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
  if (stderr !== '') throw new Error(stderr);
  return [...new Set(diagnostics.map(({ filename, code }) => `${filename}: ${code}`))].toSorted();
}
