import { isRecord, record } from '../../core/kube/json.ts';
import { decode, quoted } from '../../core/spec/text.ts';
import { readYaml } from '../../core/spec/yaml.ts';
import { DISPUTED, fieldsOf } from './kustomization.ts';
import { type Reference, withoutKey } from './references.ts';

/** What kustomize does itself, without a program or a container of somebody else. */
const BUILTIN: ReadonlySet<string> = new Set([
  'AnnotationsTransformer',
  'ConfigMapGenerator',
  'HashTransformer',
  'IAMPolicyGenerator',
  'ImageTagTransformer',
  'LabelTransformer',
  'NamespaceTransformer',
  'PatchJson6902Transformer',
  'PatchStrategicMergeTransformer',
  'PatchTransformer',
  'PrefixSuffixTransformer',
  'PrefixTransformer',
  'ReplacementTransformer',
  'ReplicaCountTransformer',
  'SecretGenerator',
  'SortOrderTransformer',
  'SuffixTransformer',
  'ValueAddTransformer',
]);

const FILE_FIELDS = ['path', 'paths', 'file', 'files', 'env', 'envs', 'crds'];

/** Why a generator, transformer or validator may not run, or the files that it reads. */
export type PluginConfig = { readonly refused: string } | { readonly references: readonly Reference[] };

/** Reads the configuration of a generator, transformer or validator. */
export function pluginConfig(content: Uint8Array): PluginConfig {
  const decoded = decode({ path: '', content });
  if ('message' in decoded || DISPUTED.test(decoded.text.text)) return { refused: 'cannot be read' };
  const { documents, problems } = readYaml(decoded.text);
  if (problems.length > 0 || documents.some(({ broken }) => broken)) return { refused: 'cannot be read' };
  const references: Reference[] = [];
  for (const { value } of documents) {
    if (!isRecord(value)) return { refused: 'cannot be read' };
    const annotations = Object.keys(record(record(value['metadata'])['annotations']));
    const { apiVersion, kind } = value;
    if (annotations.some((name) => /^config\.(kubernetes|k8s)\.io\/function$/.test(name))) {
      return { refused: 'runs a program or a container' };
    }
    if (apiVersion !== 'builtin' || typeof kind !== 'string' || !BUILTIN.has(kind)) {
      return {
        refused: `is ${quoted(`${String(apiVersion)} ${String(kind)}`)}, which kustomize does not have built in`,
      };
    }
    references.push(...filesIn(value));
  }
  return { references };
}

function* filesIn(value: unknown): Generator<Reference> {
  if (Array.isArray(value)) for (const each of value) yield* filesIn(each);
  if (!isRecord(value)) return;
  for (const field of FILE_FIELDS) {
    for (const [, named] of fieldsOf(value, field)) {
      for (const text of [named].flat()) {
        if (typeof text !== 'string') continue;
        // A patch of its own may stand where a file is named.
        const reference = { path: [], text, wants: field === 'paths' ? 'patch' : 'file' } as const;
        yield field === 'files' ? withoutKey(reference) : reference;
      }
    }
  }
  for (const each of Object.values(value)) yield* filesIn(each);
}
