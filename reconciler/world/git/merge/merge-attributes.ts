import type { Oid } from '../objects/git-object.ts';
import type { MergeObjects } from './merge-objects.ts';
import { PathPattern } from './path-pattern.ts';
import { isFolder, isPlain } from './raw-folder.ts';

const NAME = '.gitattributes';
const MOST_BYTES = 100 * 1024;

/** A pattern of files, below one folder, that are not to be merged as text. */
type Rule = PathPattern | 'all';

/**
 * Files that `.gitattributes` has merged in a way of their own: by a program, line by line without conflicts, or not at
 * all. Whether a forge does so is not known, so these are left to a person where they have to be merged.
 */
export class MergeAttributes {
  readonly #objects: MergeObjects;
  readonly #roots: readonly (Oid | undefined)[];
  readonly #rules = new Map<string, readonly Rule[]>();

  /** Attributes of any of the folders count. */
  constructor(objects: MergeObjects, roots: readonly (Oid | undefined)[]) {
    this.#objects = objects;
    this.#roots = roots;
  }

  async areSet(path: string): Promise<boolean> {
    const names = path.split('/');
    let folders = new Set(this.#roots.filter((oid) => oid !== undefined));
    for (const [depth, name] of names.entries()) {
      const rest = names.slice(depth).join('/');
      const below = new Set<Oid>();
      for (const folder of folders) {
        const rules = await this.#rulesOf(folder);
        for (const rule of rules) {
          const pause = this.#objects.work.step();
          if (pause !== undefined) await pause;
          if (rule === 'all' || rule.matches(rest)) return true;
        }
        const entry = (await this.#objects.folder(folder)).get(name);
        if (entry !== undefined && isFolder(entry)) below.add(entry.oid);
      }
      folders = below;
    }
    return false;
  }

  async #rulesOf(folder: Oid): Promise<readonly Rule[]> {
    const entry = (await this.#objects.folder(folder)).get(NAME);
    if (entry === undefined || !isPlain(entry)) return [];
    const known = this.#rules.get(entry.oid);
    if (known !== undefined) return known;
    const rules = this.#objects.isUnknown(entry.oid)
      ? (['all'] as const)
      : rulesIn(await this.#objects.file(entry.oid, MOST_BYTES));
    this.#rules.set(entry.oid, rules);
    return rules;
  }
}

/** Attributes that have git merge otherwise; `binary` stands for several. */
const OTHERWISE = /^(-merge|merge=(?!text$).*|binary)$/;
const MACRO = '[attr]';
/** More than these are not looked at one by one. */
const MOST_RULES = 1_000;
/** A pattern with more of these, or longer, is none that anybody writes. */
const MOST_STARS = 6;
const MOST_PATTERN = 1_000;

function rulesIn(content: Uint8Array | number): readonly Rule[] {
  if (typeof content === 'number') return ['all'];
  const lines = Buffer.from(content).toString('latin1').split(/\r?\n/);
  const macros = new Set<string>();
  const rules: Rule[] = [];
  for (const line of lines) {
    const [, pattern = '', rest = ''] = /^\s*("(?:[^"\\]|\\.)*"|\S+)(.*)$/.exec(line) ?? [];
    if (pattern === '' || pattern.startsWith('#')) continue;
    const isOtherwise = rest.split(/\s+/).some((name) => OTHERWISE.test(name) || macros.has(name));
    if (!isOtherwise) continue;
    if (pattern.startsWith(MACRO)) macros.add(pattern.slice(MACRO.length));
    else rules.push(ruleOf(pattern));
  }
  return rules.length > MOST_RULES ? ['all'] : rules;
}

/** What a pattern matches, below the folder that its file is in; rather too much than too little. */
function ruleOf(pattern: string): Rule {
  const isOdd = pattern.length > MOST_PATTERN || pattern.split('*').length - 1 > MOST_STARS;
  return isOdd ? 'all' : new PathPattern(pattern);
}
