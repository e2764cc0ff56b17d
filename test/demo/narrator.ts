import type { Console } from '../../reconciler/program.ts';

/** Tells the story on the terminal, and keeps count of what came out otherwise than told. */
export class Narrator {
  readonly #console: Console;
  #step = 0;
  #held = 0;
  #broken: string[] = [];
  #silent = false;

  constructor(console: Console) {
    this.#console = console;
  }

  /** Says nothing from here on: somebody has heard enough. */
  fallSilent(): void {
    this.#silent = true;
  }

  get broken(): readonly string[] {
    return this.#broken;
  }

  get held(): number {
    return this.#held;
  }

  /** Begins a step of the story. */
  step(title: string): void {
    this.#step += 1;
    this.#print(`\n${this.#paint('1;36', `── ${this.#step}. ${title} `.padEnd(78, '─'))}\n`);
  }

  /** What happens, in a person's words. */
  say(text: string): void {
    this.#print(`\n${text}\n`);
  }

  /** What is done before the story begins. */
  note(text: string): void {
    this.#print(`${text}\n`);
  }

  /** A command as somebody would type it. */
  command(line: string): void {
    this.#print(`\n${this.#paint('1', `$ ${line}`)}\n`);
  }

  /** What a command printed. */
  output(text: string): void {
    const lines = text.replace(/\n+$/, '').split('\n');
    this.#print(`${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`);
  }

  /** Something that the story promises, and whether it is so. */
  check(promise: string, holds: boolean): void {
    if (holds) this.#held += 1;
    else this.#broken.push(promise);
    this.#print(`${holds ? this.#paint('32', '✓') : this.#paint('1;31', '✗')} ${promise}\n`);
  }

  #print(text: string): void {
    if (!this.#silent) this.#console.print(text);
  }

  #paint(code: string, text: string): string {
    return this.#console.colour ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}
