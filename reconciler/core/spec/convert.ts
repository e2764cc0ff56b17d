import { isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TextProblem } from './problem.ts';
import { plainScalar } from './scalar.ts';
import { type SourceText, quoted } from './text.ts';
import { templateHint } from './yaml-errors.ts';

/** Where a value stands in the text, and the values within it. */
export interface Place {
  readonly start: number;
  readonly end: number;
  /** Where the name stands whose value this is; absent for elements of lists. */
  readonly name?: number;
  readonly members?: ReadonlyMap<string | number, Place>;
  /** Values of a map that are not part of its value, because their names are none or stand there twice. */
  readonly dropped?: readonly Place[];
}

/** A value of YAML as JSON has it, with its place. */
export interface Converted {
  readonly value: unknown;
  readonly place: Place;
  /** Values in it, with those that aliases repeat. */
  readonly size: number;
}

/** Values that all aliases of one document may repeat: far more than people write, far less than a bomb needs. */
const MAX_REPEATED = 10_000;

const MAX_PROBLEMS = 100;

const NOTHING: unique symbol = Symbol();

/** Makes JSON values of the nodes of one document. Aliases share the value they refer to, so a bomb stays small. */
export class Converter {
  readonly problems: TextProblem[] = [];
  #repeated = 0;
  readonly #text: SourceText;
  /** What each anchor refers to so far; an anchor whose value is still being read refers to nothing. */
  readonly #anchors = new Map<string, Converted | typeof NOTHING>();

  constructor(text: SourceText) {
    this.#text = text;
  }

  /** Whether an alias was used, so that one place of the text may be part of several values. */
  get hasAliases(): boolean {
    return this.#repeated > 0;
  }

  /** A document with very many faults is told of the first ones. */
  #tell(problem: TextProblem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
    else if (this.problems.length === MAX_PROBLEMS) {
      this.problems.push({
        rule: 'more-findings',
        offset: problem.offset,
        message: `The document has more than ${MAX_PROBLEMS} faults; the rest are not told.`,
        hint: 'Mend those above first.',
      });
    }
  }

  convert(node: unknown, name?: number): Converted {
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? 0, name);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, NOTHING);
    const converted = this.#content(node, name);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #content(node: unknown, name: number | undefined): Converted {
    if (isMap(node)) return this.#map(node, name);
    if (isSeq(node)) return this.#list(node, name);
    if (isScalar(node)) return this.#scalar(node, name);
    const at = name ?? 0;
    return { value: null, place: placed(at, at, name), size: 1 };
  }

  #alias(anchor: string, offset: number, name: number | undefined): Converted {
    const target = this.#anchors.get(anchor);
    if (target === undefined || target === NOTHING) {
      const message =
        target === NOTHING
          ? 'The alias stands within the value it refers to, which would never end.'
          : 'The alias refers to no anchor before it.';
      const hint = 'Put text that begins with * in quotes.';
      this.#tell({ rule: target === NOTHING ? 'yaml-limits' : 'yaml-syntax', offset, message, hint });
      return { value: null, place: placed(offset, offset, name), size: 1 };
    }
    const before = this.#repeated;
    this.#repeated += target.size;
    if (this.#repeated > MAX_REPEATED) {
      if (before <= MAX_REPEATED) {
        this.#tell({
          rule: 'yaml-limits',
          offset,
          message: `Aliases repeat more than ${MAX_REPEATED} values in this document.`,
          hint: 'Write the values out, or split them over several documents.',
        });
      }
      return { value: null, place: placed(offset, offset, name), size: 1 };
    }
    return { ...target, place: { ...target.place, ...(name === undefined ? {} : { name }) } };
  }

  #list(node: YAMLSeq, name: number | undefined): Converted {
    this.#checkTag(node, 'tag:yaml.org,2002:seq');
    const members = new Map<number, Place>();
    let size = 1;
    const value = node.items.map((item, index) => {
      const converted = this.convert(item);
      members.set(index, converted.place);
      size += converted.size;
      return converted.value;
    });
    return { value, place: { ...placed(...rangeOf(node), name), members }, size };
  }

  #map(node: YAMLMap, name: number | undefined): Converted {
    this.#checkTag(node, 'tag:yaml.org,2002:map');
    const value: Record<string, unknown> = {};
    const members = new Map<string, Place>();
    const merged = new Set<string>();
    const dropped: Place[] = [];
    let size = 1;
    const put = (key: string, member: unknown, place: Place): void => {
      if (key === '__proto__') {
        // A plain assignment would change the object's prototype.
        Object.defineProperty(value, key, {
          value: member,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else value[key] = member;
      members.set(key, place);
    };
    for (const pair of node.items) {
      const offset = offsetOf(pair.key) ?? offsetOf(pair.value) ?? rangeOf(node)[0];
      if (isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<') {
        size += this.#merge(this.convert(pair.value, offset), offset, members, merged, put, value);
        continue;
      }
      const key = this.#key(pair.key, offset);
      const converted = this.convert(pair.value, offset);
      size += 1 + converted.size;
      if (key === undefined) {
        dropped.push(converted.place);
        continue;
      }
      const before = merged.has(key) ? undefined : members.get(key);
      if (before !== undefined) {
        const { line } = this.#text.position(before.name ?? before.start);
        this.#tell({
          rule: 'duplicate-key',
          offset,
          message: `${quoted(key)} is set twice in the same map; the first is in line ${line}.`,
          hint: 'Remove one of the two.',
        });
        dropped.push(converted.place);
        continue;
      }
      merged.delete(key);
      put(key, converted.value, converted.place);
    }
    const place = {
      ...placed(...rangeOf(node), name),
      members,
      ...(dropped.length === 0 ? {} : { dropped }),
    };
    return { value, place, size };
  }

  /** `<<`: fields of other maps that this one does not set itself. An earlier map of a list counts before a later one. */
  #merge(
    from: Converted,
    offset: number,
    members: ReadonlyMap<string, Place>,
    merged: Set<string>,
    put: (key: string, value: unknown, place: Place) => void,
    into: Readonly<Record<string, unknown>>,
  ): number {
    const sources = Array.isArray(from.value)
      ? from.value.map((value: unknown, index) => ({ value, place: from.place.members?.get(index) }))
      : [from];
    for (const { value, place } of sources) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        const message = 'A merge key << takes a map, or a list of maps.';
        this.#tell({
          rule: 'yaml-syntax',
          offset,
          message,
          hint: 'Put << in quotes if it is a name.',
        });
        continue;
      }
      for (const [key, member] of Object.entries(value)) {
        if (Object.hasOwn(into, key)) {
          if (merged.has(key)) continue;
          this.#tell({
            rule: 'ambiguous-scalar',
            offset,
            message: `This merge sets ${quoted(key)} again, which stands before it: readers of YAML disagree which counts.`,
            hint: 'Put the << line first in its map.',
          });
          continue;
        }
        merged.add(key);
        put(key, member, place?.members?.get(key) ?? members.get(key) ?? from.place);
      }
    }
    return from.size;
  }

  #key(key: unknown, offset: number): string | undefined {
    if (isScalar(key) || isAlias(key)) {
      const { value } = this.convert(key);
      if (typeof value === 'string') return value;
      const source = isScalar(key) ? key.source : undefined;
      // A whole number or true, written as it is printed, is the same name to every reader.
      if (Number.isSafeInteger(value) || typeof value === 'boolean') {
        if (source === undefined || String(value) === source) return String(value);
      }
    }
    this.#tell({
      rule: 'yaml-key',
      offset,
      message: 'The name of a field has to be text.',
      hint: templateHint(this.#text.text) ?? 'Put the name in quotes.',
    });
    return undefined;
  }

  #scalar(node: Scalar, name: number | undefined): Converted {
    const [start, end] = rangeOf(node);
    const source = node.source ?? (typeof node.value === 'string' ? node.value : '');
    const empty = node.type === 'PLAIN' && source === '' && name !== undefined;
    const place = empty ? placed(name, name, name) : placed(start, end, name);
    const explicit = this.#checkTag(node, 'tag:yaml.org,2002:str', '!');
    if (node.type !== 'PLAIN' || explicit) return { value: source, place, size: 1 };
    const { value, doubt } = plainScalar(source);
    if (doubt !== undefined) {
      this.#tell({
        rule: 'ambiguous-scalar',
        level: doubt.level,
        offset: start,
        message: doubt.message,
        hint: `Write it in quotes where text is meant: ${JSON.stringify(source)}; otherwise plainly, as true, false or decimal digits.`,
        discreet: {
          message: 'Readers of YAML disagree about what this value is.',
          hint: 'Write it in quotes.',
        },
      });
    }
    return { value, place, size: 1 };
  }

  /** Whether the node has one of the tags that say what it is anyway. */
  #checkTag(node: Scalar | YAMLMap | YAMLSeq, ...known: readonly string[]): boolean {
    if (node.tag === undefined) return false;
    if (known.includes(node.tag)) return true;
    this.#tell({
      rule: 'yaml-tag',
      offset: rangeOf(node)[0],
      message: 'Tags, which begin with an exclamation mark, are not read.',
      hint: 'Leave the tag out, or put the text in quotes.',
    });
    return false;
  }
}

function rangeOf(node: { range?: readonly [number, number, number] | null }): [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

function offsetOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isAlias(node) && !isMap(node) && !isSeq(node)) return undefined;
  return node.range?.[0];
}

function placed(start: number, end: number, name?: number): Place {
  return { start, end, ...(name === undefined ? {} : { name }) };
}
