import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** As the protocol counts: from 0, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Diagnostic {
  readonly message: string;
  readonly severity?: number;
  readonly range: { readonly start: Place; readonly end: Place };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The real yaml-language-server, as an editor talks to it: JSON-RPC over its standard input and output. */
export class LanguageServer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #diagnostics = new Map<string, PromiseWithResolvers<readonly Diagnostic[]>>();
  #lastId = 0;
  #unread = Buffer.alloc(0);

  /** `settings` are what an editor's settings file has, such as `{ 'yaml.schemas': … }`. */
  static async start(folder: string, settings: Readonly<Record<string, unknown>>): Promise<LanguageServer> {
    const server = new LanguageServer(folder, settings);
    const rootUri = pathToFileURL(folder).href;
    await server.#call('initialize', {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: 'repository' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: {
          completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
          hover: { contentFormat: ['markdown'] },
          publishDiagnostics: {},
        },
      },
    });
    server.#notify('initialized', {});
    return server;
  }

  private constructor(folder: string, settings: Readonly<Record<string, unknown>>) {
    this.#settings = settings;
    const manifest = fileURLToPath(import.meta.resolve('yaml-language-server/package.json'));
    const program = join(dirname(manifest), 'bin', 'yaml-language-server');
    this.#process = spawn(process.execPath, [program, '--stdio'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#process.once('exit', () => {
      const gone = new Error('The language server has ended.');
      for (const call of [...this.#calls.values(), ...this.#diagnostics.values()]) call.reject(gone);
    });
  }

  /** Opens a file with this text, which need not be on the disk, and gives what the server finds wrong in it. */
  async open(path: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = pathToFileURL(path).href;
    const told = Promise.withResolvers<readonly Diagnostic[]>();
    this.#diagnostics.set(uri, told);
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return await told.promise;
  }

  /** What could be typed at a place, by label. */
  async complete(path: string, position: Place): Promise<readonly string[]> {
    const textDocument = { uri: pathToFileURL(path).href };
    const result = await this.#call('textDocument/completion', { textDocument, position });
    const { items } = result as { items: readonly { label: string }[] };
    return items.map(({ label }) => label);
  }

  /** What the server says of the word at a place. */
  async hover(path: string, position: Place): Promise<string> {
    const textDocument = { uri: pathToFileURL(path).href };
    const result = await this.#call('textDocument/hover', { textDocument, position });
    const { contents } = result as { contents: { value: string } };
    return contents.value;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  async #call(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    const call = Promise.withResolvers<unknown>();
    this.#calls.set(id, call);
    this.#send({ id, method, params });
    return await call.promise;
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const head = this.#unread.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#unread.toString('latin1', 0, head))?.[1]);
      const end = head + 4 + length;
      if (this.#unread.length < end) return;
      const body = this.#unread.toString('utf8', head + 4, end);
      this.#unread = this.#unread.subarray(end);
      this.#hear(JSON.parse(body) as Message);
    }
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Diagnostic[] };
      this.#diagnostics.get(uri)?.resolve(diagnostics);
    } else if (method === 'workspace/configuration') {
      const { items } = params as { items: readonly { section: string }[] };
      this.#send({ id: id!, result: items.map(({ section }) => this.#section(section)) });
    } else if (method !== undefined) {
      if (id !== undefined) this.#send({ id, result: null });
    } else if (error === undefined) this.#calls.get(id!)?.resolve(result);
    else this.#calls.get(id!)?.reject(new Error(error.message));
  }

  /** `yaml.schemas` of the file is `schemas` of the section `yaml`. */
  #section(section: string): unknown {
    const own = Object.entries(this.#settings).filter(([name]) => name.startsWith(`${section}.`));
    return Object.fromEntries(own.map(([name, value]) => [name.slice(section.length + 1), value]));
  }
}
