import type { ValuePath } from '../../core/spec/source.ts';
import { fieldsOf } from './kustomization.ts';

/** What a kustomization names, and what it may be: `plugin` and `patch` stand for a file or for their own text. */
export interface Reference {
  readonly path: ValuePath;
  readonly text: string;
  readonly wants: 'file' | 'folder' | 'resource' | 'plugin' | 'patch';
}

const LISTS: Readonly<Record<string, Reference['wants']>> = {
  resources: 'resource',
  bases: 'folder',
  components: 'folder',
  crds: 'file',
  configurations: 'file',
  generators: 'plugin',
  transformers: 'plugin',
  validators: 'plugin',
  patchesStrategicMerge: 'patch',
};

/** Lists whose entries name a file under `path`. */
const WITH_PATH = ['patches', 'patchesJson6902', 'replacements'];
const WITH_FILES = ['configMapGenerator', 'secretGenerator'];

/** Everything that a kustomization has kustomize read. */
export function* referencesOf(kustomization: unknown): Generator<Reference> {
  for (const [list, wants] of Object.entries(LISTS)) {
    for (const [name, value] of fieldsOf(kustomization, list)) yield* texts(value, [name], wants);
  }
  for (const [name, value] of fieldsOf(kustomization, 'openapi')) yield* members(value, [name], 'path');
  for (const list of WITH_PATH) {
    for (const [name, value] of fieldsOf(kustomization, list)) {
      for (const [index, entry] of entries(value)) {
        if (typeof entry === 'string') yield { path: [name, index], text: entry, wants: 'patch' };
        else yield* members(entry, [name, index], 'path');
      }
    }
  }
  for (const list of WITH_FILES) {
    for (const [name, value] of fieldsOf(kustomization, list)) {
      for (const [index, entry] of entries(value)) yield* generatorFiles(entry, [name, index]);
    }
  }
}

function* generatorFiles(entry: unknown, at: ValuePath): Generator<Reference> {
  yield* members(entry, at, 'env');
  for (const [name, value] of fieldsOf(entry, 'envs')) yield* texts(value, [...at, name], 'file');
  for (const [name, value] of fieldsOf(entry, 'files')) {
    for (const reference of texts(value, [...at, name], 'file')) yield withoutKey(reference);
  }
}

/** `key=file` names the file, and what it is called in the object. */
export function withoutKey(reference: Reference): Reference {
  return { ...reference, text: reference.text.slice(reference.text.indexOf('=') + 1) };
}

function* members(value: unknown, at: ValuePath, field: string): Generator<Reference> {
  for (const [name, text] of fieldsOf(value, field)) {
    if (typeof text === 'string') yield { path: [...at, name], text, wants: 'file' };
  }
}

function* texts(value: unknown, at: ValuePath, wants: Reference['wants']): Generator<Reference> {
  for (const [index, text] of entries(value)) {
    if (typeof text === 'string') yield { path: [...at, index], text, wants };
  }
}

function entries(value: unknown): readonly (readonly [number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : [];
}

/** Whether kustomize would fetch what is called so, or have git fetch it. */
export function isRemote(text: string): boolean {
  return (
    /^\s*([a-z][a-z0-9+.-]*:\/\/|https?:|git::|gh:|[^/\s]+@[^/\s]+:|(www\.)?(github|gitlab|bitbucket)\.(com|org)[/:])/i.test(
      text,
    ) ||
    /^[^\n]*[?&](ref|version|submodules|timeout)=/.test(text) ||
    /^\s*[\w.-]+\.[a-z]{2,}:\S/i.test(text)
  );
}
