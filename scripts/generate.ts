// Writes every generated file of the repository; with --check it writes none, and fails where one would change.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { driversPages } from './generate-drivers-page.ts';
import { fieldPages } from './generate-field-tables.ts';
import { jsonSchemas } from './generate-json-schemas.ts';
import { kubernetesFields } from './generate-kubernetes-fields.ts';
import { preflightPages } from './generate-preflight-page.ts';
import { readme } from './generate-readme.ts';
import { rulePages } from './generate-rule-pages.ts';

const check = process.argv.includes('--check');
const schemas = jsonSchemas();
const pages = {
  ...(await fieldPages()),
  ...(await rulePages()),
  ...(await preflightPages()),
  ...(await driversPages()),
};
const FILES: Readonly<Record<string, () => string | Promise<string>>> = {
  ...Object.fromEntries(Object.entries({ ...schemas, ...pages }).map(([path, text]) => [path, () => text])),
  'README.md': readme,
  'schemas/kubernetes-fields.json': kubernetesFields,
};

for (const [folder, extension] of [
  ['schemas/json', '.json'],
  ['schemas/docs', '.md'],
] as const) {
  await mkdir(new URL(`../${folder}/`, import.meta.url), { recursive: true });
  for (const name of await readdir(new URL(`../${folder}/`, import.meta.url))) {
    const path = `${folder}/${name}`;
    if (!name.endsWith(extension) || Object.hasOwn(FILES, path)) continue;
    if (check) {
      console.error(`${path} belongs to no kind: run npm run generate`);
      process.exitCode = 1;
    } else {
      await rm(new URL(`../${path}`, import.meta.url));
      console.error(`removed ${path}`);
    }
  }
}

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
