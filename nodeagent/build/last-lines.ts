import { StringDecoder } from 'node:string_decoder';
import { printable } from '../printable.ts';

const KEPT = 20;
const LENGTH = 300;
/** Of what a program prints, so much is passed on; a build that is stuck in a loop may print for half an hour. */
const PASSED_ON = 4 << 20;

/** Reads what programs print, line by line: passes on the first of it, keeps the last of it, and neither with a secret in it. */
export class LastLines {
  readonly #print: (text: string) => void;
  readonly #secrets: readonly string[];
  readonly #lines: string[] = [];
  #passed = 0;
  #firstError: string | undefined;
  #isDiskFull = false;

  constructor(print: (text: string) => void, secrets: readonly string[] = []) {
    this.#print = print;
    this.#secrets = secrets;
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
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '(left out)'), line);
  }
}

/** What of a key in PEM tells something of it: the lines of its body. */
export function secretLines(pem: string): readonly string[] {
  return pem
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= 8 && !line.startsWith('-----'));
}
