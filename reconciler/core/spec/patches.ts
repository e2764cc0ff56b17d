import { isRecord, record } from '../kube/json.ts';
import { textAt } from './manifest.ts';
import { type PatchPart, patchParts } from './patch-text.ts';
import type { Patch, PatchTarget, Source, ValuePath } from './source.ts';
import { isSame, leadingPart } from './value-at.ts';

/** An object that kustomize rendered. */
interface Patched {
  readonly value: unknown;
  readonly kind: string | undefined;
  /** Whether its values must not be repeated. */
  readonly secret: boolean;
  /** What the file says that it was made of, where one manifest of it is known to be that. */
  readonly written: unknown;
}

/** A value of a patch, by the way to it there. */
interface Said {
  readonly way: ValuePath;
  /** Where the name of the field stands, if it is no name in the patch. */
  readonly name?: ValuePath;
}

/**
 * Finds the patches that say the value which an object has at a path, as the places of that value. Which patch kustomize
 * took for which object it does not tell; one that says something else is none of them.
 */
export function patchFinder(
  patched: Patched,
  patches: readonly Patch[],
): (path: ValuePath) => readonly Source[] {
  let parts: readonly PatchPart[] | undefined;
  return (path) => {
    parts ??= patches.flatMap((patch) =>
      patchParts(patch).filter((part) => isFor(patch.target, part, patched)),
    );
    const said = (at: ValuePath): readonly Source[] =>
      (parts ?? []).flatMap((part) =>
        ways(part, patched.value, at).map((each) => placed(part, each, patched.secret)),
      );
    const known = leadingPart(patched.value, path);
    const removed = known.length < path.length ? said(path) : [];
    return removed.length > 0 ? removed : said(known);
  };
}

function placed({ place, text }: PatchPart, { way, name }: Said, secret: boolean): Source {
  return {
    ...place,
    positionOf: () => place.positionOf(way),
    positionOfName: () => (name === undefined ? place.positionOfName(way) : place.positionOf(name)),
    excerpt: (position) =>
      secret && place.isHidden?.(position) !== true ? text.keyExcerpt(position) : place.excerpt(position),
    isHidden: (position) => secret || place.isHidden?.(position) === true,
    written: () => place.written?.(way),
  };
}

function ways({ value }: PatchPart, object: unknown, path: ValuePath): readonly Said[] {
  // A list is a list of operations; anything else is a part of the object.
  if (!Array.isArray(value)) return waysTo(value, object, path).map((way) => ({ way }));
  return value.flatMap((operation: unknown, index) => {
    const { op, path: pointer, value: given } = record(operation);
    if (typeof pointer !== 'string') return [];
    const steps = pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const leads = steps.every(
      (step, at) => String(path[at]) === step || (step === '-' && typeof path[at] === 'number'),
    );
    if (!leads || steps.length > path.length) return [];
    const name = steps.length === path.length ? { name: [index, 'path'] } : {};
    if (op === 'remove') {
      const isGone = steps.length === path.length && leadingPart(object, path).length < path.length;
      return isGone ? [{ way: [index, 'path'] }] : [];
    }
    if (op !== 'add' && op !== 'replace') return [];
    const within = path.slice(0, steps.length).reduce<unknown>(memberOf, object);
    return waysTo(given, within, path.slice(steps.length)).map((way) => ({
      way: [index, 'value', ...way],
      ...name,
    }));
  });
}

/** The ways to the value at `path`: elements of lists may be others there, and are known by what they hold. */
function waysTo(patch: unknown, object: unknown, path: ValuePath): readonly ValuePath[] {
  const [step, ...rest] = path;
  if (step === undefined)
    return isSame(object, patch) || (patch === null && object === undefined) ? [[]] : [];
  if (Array.isArray(patch)) {
    const element = memberOf(object, step);
    return patch.flatMap((each: unknown, index) =>
      isPartOf(each, element) ? waysTo(each, element, rest).map((way) => [index, ...way]) : [],
    );
  }
  if (!isRecord(patch) || !Object.hasOwn(patch, step)) return [];
  return waysTo(patch[step], memberOf(object, step), rest).map((way) => [step, ...way]);
}

function memberOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** Whether an element of a patched list has every plain value that one of the patch has. */
function isPartOf(patch: unknown, element: unknown): boolean {
  if (!isRecord(patch)) return isSame(element, patch);
  return Object.entries(patch).every(
    ([name, value]) => typeof value === 'object' || isSame(memberOf(element, name), value),
  );
}

/** Whether a patch may be for an object, whose name and namespace other parts of kustomize may have changed. */
function isFor(target: PatchTarget | undefined, { value, kind }: PatchPart, patched: Patched): boolean {
  const [now, before] = [patched.value, patched.written].map((each) => record(record(each)['metadata']));
  if (target !== undefined) {
    const names = [textAt(now, 'name'), textAt(before, 'name')];
    return (
      fits(target.kind, [patched.kind]) &&
      fits(target.name, names) &&
      fits(target.namespace, [textAt(now, 'namespace'), textAt(before, 'namespace')])
    );
  }
  const { name, namespace } = record(record(value)['metadata']);
  if (kind !== patched.kind || typeof name !== 'string') return false;
  const isBetween =
    textAt(now, 'name')?.includes(name) === true && name.includes(textAt(before, 'name') ?? '');
  const isWithin =
    typeof namespace !== 'string' ||
    namespace === textAt(now, 'namespace') ||
    namespace === textAt(before, 'namespace');
  return isBetween && isWithin;
}

/** Targets are regular expressions. One that is more than a name may mean anything, and is not tried. */
function fits(pattern: string | undefined, values: readonly (string | undefined)[]): boolean {
  if (pattern === undefined || pattern === '' || !/^[\w.-]+$/.test(pattern)) return true;
  return values.includes(pattern);
}
