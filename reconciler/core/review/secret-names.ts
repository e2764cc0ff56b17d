import { isRecord } from '../kube/json.ts';
import { type ObjectId, parseObjectId } from '../kube/object.ts';
import { withPlainMarks } from '../plan/mark.ts';
import { HIDDEN } from '../spec/sealed.ts';

/** Stands for a Secret in a sentence. */
const ONE = 'a Secret';

/** Ids of Secrets within any text, and how sentences name them. */
const IDS = /\bv1\/Secret\/[^\s,;:()'"`“”’]+/g;
const NAMED = /\bsecrets?:? (?:[\w.-]+\/[\w.-]*\w|"[^"]*"|“[^”]*”|'[^']*')/gi;
const WORD = /[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?/g;

/** Names of Secrets, as they may stand in what is told of other objects. */
export class SecretNames {
  readonly #names: ReadonlySet<string>;

  /** Where what is shown has the same name as a Secret, the name tells nothing of it. */
  constructor(secrets: Iterable<string>, shown: Iterable<string>) {
    const known = new Set([...shown].flatMap(wordsOf));
    this.#names = new Set([...secrets].map(nameOf).filter((name) => name !== '' && !known.has(name)));
  }

  /** A sentence, or a path of a field, that names none of them. */
  without(text: string): string {
    const shown = text.replace(IDS, ONE).replace(NAMED, ONE);
    if (this.#names.size === 0) return shown;
    return shown.replace(WORD, (word) =>
      this.#names.has(word)
        ? HIDDEN
        : word
            .split('.')
            .map((part) => (this.#names.has(part) ? HIDDEN : part))
            .join('.'),
    );
  }

  /** A value that refers to none of them, with the same mark for all that is hidden. */
  withoutIn(value: unknown): unknown {
    return this.#clean(withPlainMarks(value));
  }

  /** Why pruning is blocked: how many errors there are counts those of Secrets too. */
  withoutCount(why: string): string {
    if (/\berrors?\b/.test(why)) return 'a manifest has an error';
    return refersToSecret(why) ? 'not all that is there could be listed' : this.without(why);
  }

  #clean(value: unknown): unknown {
    if (typeof value === 'string') return this.without(value);
    if (Array.isArray(value)) return value.map((each) => this.#clean(each));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        this.without(name),
        refersToSecret(name) ? HIDDEN : this.#clean(member),
      ]),
    );
  }
}

/** Whether a field, by its name or path, or a sentence is about Secrets. */
export function refersToSecret(text: string): boolean {
  return /secret/i.test(text);
}

/** A path of a field without which entry of a list of Secrets it is in. */
export function withoutEntry(path: string): string {
  return path.replace(/(secrets?\w*)\[[^\]]*\]/gi, '$1[…]');
}

function nameOf(id: string): string {
  return parseObjectId(id as ObjectId).name;
}

function wordsOf(id: string): string[] {
  const { kind, namespace, name } = parseObjectId(id as ObjectId);
  return [kind, namespace ?? '', name];
}
