import { type Document, isMap, parseAllDocuments, stringify } from 'yaml';
import { DEFAULT_SETTINGS } from '../../schemas/settings.ts';
import type { SourceFile } from '../core/spec/source.ts';

/** What shall stand in the Settings: a reason, or none. */
export type Brake = { readonly suspend: string | undefined };

/** The Settings file as it would have to be. */
export type SettingsEdit =
  | { readonly can: 'write'; readonly path: string; readonly text: string }
  /** It says so already. */
  | { readonly can: 'nothing' }
  /** A sentence. */
  | { readonly can: 'not'; readonly why: string };

/** Where Settings are put if there are none. */
const NEW_FILE = 'settings.yaml';

/**
 * The file of the Settings among `files` with `spec.suspend` set or taken out, and all else as it was written. Where
 * there are none, a file for them in `folder`.
 */
export function settingsEdit(files: readonly SourceFile[], folder: string, { suspend }: Brake): SettingsEdit {
  const found = files.flatMap((file) => documentsOf(file).map((each) => ({ file, ...each })));
  const [first, second] = found;
  if (second !== undefined) return { can: 'not', why: 'The repository has more than one Settings.' };
  if (first === undefined) return suspend === undefined ? { can: 'nothing' } : added(files, folder, suspend);
  const { file, document, all } = first;
  if (file.origin !== undefined) {
    return { can: 'not', why: `The Settings are built by the kustomization in ${file.origin.builtIn}.` };
  }
  if (file.sealed !== undefined)
    return { can: 'not', why: `The Settings stand in ${file.path}, which is encrypted.` };
  if (!/\.ya?ml$/.test(file.path))
    return { can: 'not', why: `${file.path}, with the Settings, is no YAML file.` };
  if (document.getIn(['spec', 'suspend']) === suspend) return { can: 'nothing' };
  if (suspend === undefined) document.deleteIn(['spec', 'suspend']);
  else if (isMap(document.get('spec'))) document.setIn(['spec', 'suspend'], suspend);
  else document.set('spec', document.createNode({ suspend }));
  return { can: 'write', path: file.path, text: all.map((each) => each.toString({ lineWidth: 0 })).join('') };
}

function added(files: readonly SourceFile[], folder: string, suspend: string): SettingsEdit {
  const path = folder === '' ? NEW_FILE : `${folder.replace(/\/+$/, '')}/${NEW_FILE}`;
  if (files.some((file) => file.path === path)) {
    return { can: 'not', why: `There are no Settings, and ${path} is something else.` };
  }
  const { apiVersion, kind } = DEFAULT_SETTINGS;
  const settings = { apiVersion, kind, metadata: { name: 'settings' }, spec: { suspend } };
  return { can: 'write', path, text: stringify(settings, { lineWidth: 0 }) };
}

function documentsOf({ content }: SourceFile): { readonly document: Document; readonly all: Document[] }[] {
  const text = Buffer.from(content).toString('utf8');
  if (!/\bkind["']?\s*:\s*["']?Settings\b/.test(text)) return [];
  const all = parseAllDocuments(text, { uniqueKeys: true });
  if (!Array.isArray(all) || all.some(({ errors }) => errors.length > 0)) return [];
  return all
    .filter((document) => document.get('kind') === 'Settings' && isOurs(document.get('apiVersion')))
    .map((document) => ({ document, all }));
}

function isOurs(apiVersion: unknown): boolean {
  return apiVersion === DEFAULT_SETTINGS.apiVersion;
}
