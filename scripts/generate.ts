// Writes every generated file of the repository; with --check it writes none, and fails where one would change.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { kubernetesFields } from './generate-kubernetes-fields.ts';
import { readme } from './generate-readme.ts';

const check = process.argv.includes('--check');
const FILES: Readonly<Record<string, () => string | Promise<string>>> = {
  'README.md': readme,
  'schemas/kubernetes-fields.json': kubernetesFields,
};

for (const [path, make] of Object.entries(FILES)) {
  const url = new URL(`../${path}`, import.meta.url);
  const text = await make();
  const before = await readFile(url, 'utf8').catch(() => undefined);
  if (before === text) continue;
  if (check) {
    console.error(`${path} is not what scripts/generate.ts makes: run npm run generate`);
    process.exitCode = 1;
  } else {
    await writeFile(fileURLToPath(url), text);
    console.error(`wrote ${path}`);
  }
}
