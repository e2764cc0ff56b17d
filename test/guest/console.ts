import type { Socket } from 'node:net';
import { until, type Patience } from '../cluster/until.ts';

/** More than a guest says in an hour. */
const MAX_LINES = 50_000;

/** What a guest said on its serial console: kernel, init and programs. */
export class GuestConsole {
  readonly #started = Date.now();
  readonly #lines: { readonly text: string; readonly at: number }[] = [];
  #rest = '';
  #heardAt = Date.now();

  listen(socket: Socket): void {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#heardAt = Date.now();
      const lines = `${this.#rest}${text}`.split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines.map((line) => ({ text: plain(line), at: Date.now() - this.#started })));
      this.#lines.splice(0, this.#lines.length - MAX_LINES);
    });
  }

  /** Complete lines so far, and the one that has begun. */
  get lines(): readonly string[] {
    const begun = plain(this.#rest);
    return [...this.#lines.map(({ text }) => text), ...(begun === '' ? [] : [begun])];
  }

  /** All lines, each with the seconds since QEMU was started. */
  get text(): string {
    const begun = this.#rest === '' ? [] : [{ text: plain(this.#rest), at: Date.now() - this.#started }];
    return [...this.#lines, ...begun]
      .map(({ text, at }) => `${(at / 1000).toFixed(2).padStart(8)}  ${text}\n`)
      .join('');
  }

  /** How long nothing was said. */
  get silentMs(): number {
    return Date.now() - this.#heardAt;
  }

  /** The first line from the `from`th on that matches. */
  async waitFor(
    pattern: RegExp,
    { from = 0, ...patience }: Patience & { from?: number } = {},
  ): Promise<string> {
    return await until(
      `the console says ${String(pattern)}`,
      () => this.lines.slice(from).find((line) => pattern.test(line)),
      { timeoutMs: 120_000, ...patience },
    );
  }
}

/** Without what colours and moves the cursor. */
function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|\u001B[c78]|[\r\0]/g, '');
}
