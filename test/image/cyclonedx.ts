import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { npmPackage } from './npm-package.ts';

const LIBRARY = {
  name: '@cyclonedx/cyclonedx-library',
  version: '10.3.0',
  sha512: 'RIT28sp1U0PCHaaeF3yNRwk6Jig/XJ8UsYAVOMYaHQ+0VVOvsjcp0PTWQFLUqJFF8XMud+Kdq6G+wtDAh+QJFA==',
};

/** What CycloneDX's own schema has to say against a bill of materials of version 1.5. */
export async function faultsOfBill(bill: unknown): Promise<readonly string[]> {
  const folder = join(await npmPackage(LIBRARY), 'res/schema');
  const read = async (name: string) =>
    JSON.parse(await readFile(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  // They call each other by the names of their files.
  for (const part of ['spdx', 'jsf-0.82']) {
    const { $id: _, ...schema } = (await read(part)) as { readonly $id: string };
    ajv.addSchema(schema, `http://cyclonedx.org/schema/${part}.SNAPSHOT.schema.json`);
  }
  const isValid = ajv.compile(await read('bom-1.5'));
  isValid(bill);
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
