import { StringDecoder } from 'node:string_decoder';
import { printable } from '../printable.ts';

const KEPT = 20;
const LENGTH = 300;
/** Of what a program prints, so much is passed on; a build that is stuck in a loop may print for half an hour. */
const PASSED_ON = 4 << 20;

/** Reads what programs print, line by line: passes on the first of it, keeps the last of it, and neither with a secret in it. */
export class LastLines {
  readonly #print: (text: string) => void;
  readonly #secret: Set<string>;
  readonly #lines: string[] = [];
  #passed = 0;
  #firstError: string | undefined;
  #isDiskFull = false;

  constructor(print: (text: string) => void, secrets: readonly string[] = []) {
    this.#print = print;
    this.#secret = new Set(secrets.flatMap(partsOf));
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The first line in which a compiler says `error:`. */
  get firstError(): string | undefined {
    return this.#firstError;
  }

  /** Whether anything complained of a full disk. */
  get isDiskFull(): boolean {
    return this.#isDiskFull;
  }

  /** From now on nothing of these is passed on or kept either. */
  hide(secrets: readonly string[]): void {
    for (const part of secrets.flatMap(partsOf)) this.#secret.add(part);
  }

  /** What is kept of the programs before is forgotten. */
  clear(): void {
    this.#lines.length = 0;
    this.#firstError = undefined;
    this.#isDiskFull = false;
  }

  /** Where one stream of a program goes. */
  stream(): { readonly write: (bytes: Buffer) => void; readonly end: () => void } {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const take = (text: string) => {
      const lines = (rest + text).split(/\r?\n|\r/);
      // Of a line that never ends, no more is held than is kept of it.
      rest = (lines.pop() ?? '').slice(0, LENGTH * 8);
      for (const line of lines) this.#line(line);
    };
    return {
      write: (bytes) => take(decoder.write(bytes)),
      end: () => {
        take(decoder.end());
        if (rest !== '') this.#line(rest);
        rest = '';
      },
    };
  }

  #line(raw: string): void {
    const line = this.#withoutSecrets(printable(raw.replaceAll('\t', '  '))).trimEnd();
    if (line === '') return;
    const cut = line.length > LENGTH ? `${line.slice(0, LENGTH - 1)}…` : line;
    this.#lines.push(cut);
    if (this.#lines.length > KEPT) this.#lines.shift();
    if (/\b(fatal )?error: /.test(cut)) this.#firstError ??= cut;
    if (/No space left on device|Disk quota exceeded/i.test(line)) this.#isDiskFull = true;
    this.#passOn(cut);
  }

  #passOn(line: string): void {
    if (this.#passed > PASSED_ON) return;
    this.#passed += line.length + 1;
    this.#print(this.#passed > PASSED_ON ? '… all that follows is left out.\n' : `${line}\n`);
  }

  #withoutSecrets(line: string): string {
    if (this.#secret.size === 0) return line;
    let [shown, from] = ['', 0];
    for (let at = 0; at + PART <= line.length;) {
      if (!this.#secret.has(line.slice(at, at + PART))) {
        at++;
        continue;
      }
      let end = at + PART;
      while (this.#secret.has(line.slice(end + 1 - PART, end + 1))) end++;
      shown += `${line.slice(from, at)}(left out)`;
      from = at = end;
    }
    return shown + line.slice(from);
  }
}

/** So many characters in a row of a secret are printed nowhere: fewer tell nothing, and are in what compilers print, too. */
const PART = 8;

/** Every part of a secret, wherever its lines may be broken. */
function partsOf(secret: string): readonly string[] {
  return Array.from({ length: Math.max(0, secret.length - PART + 1) }, (_, at) =>
    secret.slice(at, at + PART),
  );
}

/** What of keys in PEM tells something of them: their bodies, without breaks of lines. */
export function secretBodies(pem: string): readonly string[] {
  return pem
    .split(/^-----.*$/m)
    .map((body) => body.replaceAll(/\s/g, ''))
    .filter((body) => body !== '');
}
