import type { Finding } from '../../core/spec/finding.ts';
import type { SourceFile } from '../../core/spec/source.ts';
import { type Collected, nameIn } from '../kustomize/collect.ts';
import { fieldsOf } from '../kustomize/kustomization.ts';
import { referencesOf } from '../kustomize/references.ts';
import { isSops, type KeySource, openBuilt, type Opened, verifyMac } from '../secrets/open-sealed.ts';

const NO_KEY = 'not-decrypted';

/**
 * What speaks against the encrypted files that a folder is built from. They are checked before it is built, since
 * nobody could tell afterwards, and are decrypted afterwards, since building writes files.
 */
export async function sealedFindings(
  collected: Collected,
  keys: KeySource,
  withoutKey: 'error' | 'warning',
): Promise<readonly Finding[]> {
  const { folder, files } = collected;
  const findings: Finding[] = [...generated(collected)];
  for (const [path, content] of files) {
    if (!/\.(ya?ml|json)$/i.test(path)) continue;
    findings.push(...(await verifyMac({ path: nameIn(folder, path), content }, keys, { withoutKey })));
  }
  return findings;
}

/** Decrypts what was built. That there is no key has been told of the file that it was built from. */
export async function openRendered(file: SourceFile, keys: KeySource): Promise<Opened> {
  const { files, findings } = await openBuilt(file, keys);
  const told = findings
    .filter(({ rule }) => rule !== NO_KEY)
    .map(({ excerpt: _rendered, ...finding }) => ({
      ...finding,
      // In the rendered text it stands at a place that nobody wrote.
      line: 1,
      column: 1,
      message: `${finding.message.replace(/\.$/, '')} (as kustomize renders it).`,
    }));
  return { files, findings: told };
}

/** A generator would put the encrypted text itself into the object. */
function* generated({ kustomizations, files, folder }: Collected): Generator<Finding> {
  for (const [dir, kustomization] of kustomizations) {
    const lists = ['configMapGenerator', 'secretGenerator'].flatMap((list) =>
      fieldsOf(kustomization.value, list).map(([name]) => name),
    );
    for (const { path, text } of referencesOf(kustomization.value)) {
      if (!lists.includes(String(path[0]))) continue;
      const file = dir === '' ? text : `${dir}/${text}`;
      const content = files.get(file);
      if (content === undefined || !isSealed({ path: nameIn(folder, file), content })) continue;
      const message = 'A generator reads this file, which is encrypted, and would take it as it is.';
      const hint = 'Make it an encrypted Secret manifest, and list that under resources.';
      yield kustomization.finding('kustomize-reference', path, message, hint);
    }
  }
}

/** Of a file of any format that SOPS writes. */
function isSealed(file: SourceFile): boolean {
  return isSops(file) || /^"?sops(_mac|_version)?["=:]/m.test(Buffer.from(file.content).toString('latin1'));
}
