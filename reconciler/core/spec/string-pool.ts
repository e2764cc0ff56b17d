import { plainScalar, type Scalar } from './scalar.ts';

/** Texts that stand in many manifests, held once, and none of them as a part of the text that it was read from. */
export class StringPool {
  readonly #known = new Map<string, string>();
  readonly #scalars = new Map<string, Scalar>();

  /** `part` by itself, so that it does not keep alive what it was cut from. */
  own(part: string): string {
    if (part.length > LONG) return copied(part);
    const known = this.#known.get(part);
    if (known !== undefined) return known;
    const own = copied(part);
    this.#known.set(own, own);
    return own;
  }

  /** What an unquoted text means; undefined where readers of YAML may disagree. */
  scalar(source: string): Scalar | undefined {
    const known = this.#scalars.get(source);
    if (known !== undefined) return known;
    const { value, doubt } = plainScalar(source);
    if (doubt !== undefined) return undefined;
    const own = typeof value === 'string' ? this.own(value) : value;
    if (source.length <= LONG) this.#scalars.set(own === source ? own : copied(source), own);
    return own;
  }
}

/** Longer texts are seldom the same. */
const LONG = 64;

/** V8 keeps a part of a text as a view of the whole, if it is long enough. */
export function copied(part: string): string {
  return part.length < 13 ? part : Buffer.from(part).toString();
}
