import type { WrittenOutput } from '../../../schemas/output/explanation.ts';
import type { BuildContext } from '../desired/build.ts';
import { record } from '../kube/json.ts';
import type { ObjectId } from '../kube/object.ts';
import { type FieldPath, formatPath } from '../plan/field-path.ts';
import { hideSecrets } from '../plan/hide-secrets.ts';
import { plainMark } from '../plan/mark.ts';
import { hideInText } from '../plan/secret-text.ts';
import { pathText } from '../spec/problem.ts';
import type { Position, ValuePath } from '../spec/source.ts';
import type { Spec } from '../spec/spec.ts';
import { decidedBy } from './decided-by.ts';
import { placeAt, valueAt } from './field-target.ts';

/** Where a manifest stands. */
export function writtenManifest(spec: Spec): WrittenOutput {
  // Its first line says nothing that the reader does not know.
  return writtenAt(
    spec,
    `the manifest${spec.kind === 'object' ? '' : ` of ${spec.id}`}`,
    spec.place.start,
    false,
  );
}

/**
 * The lines of a manifest that say what stands at `path` of the object `id`: the field itself, or those fields that it is
 * built of. None where the manifest does not say it.
 */
export function writtenField(
  spec: Spec,
  id: ObjectId,
  path: FieldPath,
  context: BuildContext,
): readonly WrittenOutput[] {
  if (spec.id !== id) return decidedBy(spec, id, path, context).map((at) => writtenValue(spec, at));
  const at = placeAt(spec.manifest, path) ?? inPlainText(spec, path);
  return at === undefined ? [] : [writtenValue(spec, at, formatPath(path))];
}

/** What stands in the data of a Secret may have been written as text. */
function inPlainText({ manifest }: Spec, [first, ...rest]: FieldPath): ValuePath | undefined {
  if (manifest.kind !== 'Secret' || first === undefined || !('field' in first) || first.field !== 'data')
    return undefined;
  return placeAt(manifest, [{ field: 'stringData' }, ...rest]);
}

function writtenValue(spec: Spec, at: ValuePath, what = pathText(at)): WrittenOutput {
  const { place } = spec;
  const isRendered = place.isRendered?.(at) === true;
  const said = isRendered ? `${what}, as kustomize renders it` : what;
  return writtenAt(spec, said, place.positionOfName(at), !isRendered && !looksSecret(spec.manifest, at));
}

/** The name that makes a value a secret one may stand in another line than the value. */
function looksSecret(manifest: unknown, at: ValuePath): boolean {
  const path = at.map((step) => (typeof step === 'string' ? { field: step } : { index: step }));
  // What holds it may have that name.
  return path.some((_, depth) => {
    const way = path.slice(0, depth + 1);
    const value = valueAt(manifest, way);
    return (
      typeof value !== 'object' && hideSecrets(value, keyed(manifest, way), plainMark, [manifest]) !== value
    );
  });
}

/** The path with the element of a list by its name, which a variable has. */
function keyed(manifest: unknown, path: FieldPath): FieldPath {
  return path.map((step, depth) => {
    const element = 'index' in step ? record(valueAt(manifest, path.slice(0, depth + 1))) : {};
    return typeof element['name'] === 'string' ? { keys: { name: element['name'] } } : step;
  });
}

function writtenAt(
  { place, manifest }: Spec,
  what: string,
  position: Position,
  mayShow: boolean,
): WrittenOutput {
  const isSecret = manifest.kind === 'Secret' || place.isHidden?.(position) === true;
  const line = isSecret || !mayShow ? undefined : place.excerpt(position)?.split('\n')[0];
  return {
    what,
    file: place.file,
    line: position.line,
    ...(line === undefined ? {} : { text: hideInText(line, plainMark, 'content') }),
    ...(place.builtIn === undefined ? {} : { builtIn: place.builtIn }),
  };
}

/** `FILE:LINE`. */
export function placeText({ file, line }: Pick<WrittenOutput, 'file' | 'line'>): string {
  return `${file}:${line}`;
}
