import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, type Exec, openExec } from '../../../nodeagent/command.ts';
import { readModinfo } from '../../../nodeagent/drivers/modinfo.ts';

interface Loaded {
  readonly depends: readonly string[];
  readonly version: string | undefined;
  readonly srcversion: string | undefined;
  /** What uses it beside other modules. */
  holds: number;
}

export const RELEASE = '6.1.0-32-cloud-amd64';
export const VERMAGIC = `${RELEASE} SMP preempt mod_unload modversions `;

/**
 * A kernel that loads and unloads modules as far as files of a folder show it. What a real one would refuse it refuses; whether it
 * really would is for the guests to say.
 */
export class SimulatedKernel {
  readonly root: string;
  readonly calls: string[] = [];
  /** What the modules of the kernel itself say. */
  vermagic = VERMAGIC;
  /** What kmod prints for a module, by name and version, instead of loading it. */
  readonly refuses = new Map<string, string>();
  /** Called before each program. */
  before: (call: string) => Promise<void> = async () => undefined;
  #loaded = new Map<string, Loaded>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(root: string) {
    this.root = root;
  }

  /** Begins a boot: no module is loaded. */
  async boot(id: string): Promise<void> {
    for (const name of this.#loaded.keys()) {
      await rm(join(this.root, 'sys/module', name), { recursive: true, force: true });
    }
    this.#loaded = new Map();
    await mkdir(join(this.root, 'proc/sys/kernel/random'), { recursive: true });
    await writeFile(join(this.root, 'proc/sys/kernel/random/boot_id'), `${id}\n`);
    await this.#show();
  }

  get loaded(): Readonly<Record<string, string | undefined>> {
    return Object.fromEntries([...this.#loaded].map(([name, { version }]) => [name, version]));
  }

  /** Something begins to use a module, or ends to. */
  async hold(name: string, by: 1 | -1): Promise<void> {
    await this.#inTurn(async () => {
      this.#loaded.get(name)!.holds += by;
      await this.#show();
    });
  }

  /** What a kernel does at one moment takes several files here. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  readonly exec: Exec = async (file, args, handles) => {
    await this.before([file, ...args].join(' '));
    switch (file) {
      case 'insmod':
        // What another process finds as its own file is one of this process.
        return await this.#inTurn(
          async () => await this.#insmod(handles?.[0] ? `/proc/self/fd/${handles[0].fd}` : args[0]!),
        );
      case 'rmmod':
        return await this.#inTurn(async () => await this.#rmmod(args[0]!));
      case 'modinfo':
        return done(`${this.vermagic}\n`);
      case 'sh':
      case 'flock':
        return await openExec()(file, args, handles);
      default:
        return { exitCode: 127, stdout: '', stderr: `${file} is not there.` };
    }
  };

  async #insmod(path: string): Promise<CommandResult> {
    await using file = await open(path);
    const { name, depends, version, srcversion } = await readModinfo(file);
    this.calls.push(`insmod ${name}`);
    const refused = (why: string) => failed(`insmod: ERROR: could not insert module ${path}: ${why}`);
    const words = this.refuses.get(`${name} ${version ?? ''}`);
    if (words !== undefined) return refused(words);
    if (this.#loaded.has(name)) return refused('File exists');
    if (depends.some((each) => !this.#loaded.has(each))) return refused('Unknown symbol in module');
    this.#loaded.set(name, { depends, version, srcversion, holds: 0 });
    await this.#show();
    return done();
  }

  async #rmmod(name: string): Promise<CommandResult> {
    this.calls.push(`rmmod ${name}`);
    const module = this.#loaded.get(name);
    if (module === undefined) return failed(`rmmod: ERROR: Module ${name} is not currently loaded`);
    if (this.#countOf(name) > 0) return failed(`rmmod: ERROR: Module ${name} is in use`);
    this.#loaded.delete(name);
    await rm(join(this.root, 'sys/module', name), { recursive: true, force: true });
    await this.#show();
    return done();
  }

  #usersOf(name: string): readonly string[] {
    return [...this.#loaded].filter(([, { depends }]) => depends.includes(name)).map(([user]) => user);
  }

  #countOf(name: string): number {
    return this.#usersOf(name).length + (this.#loaded.get(name)?.holds ?? 0);
  }

  async #show(): Promise<void> {
    const lines: string[] = [];
    for (const [name, { version, srcversion }] of this.#loaded) {
      const users = this.#usersOf(name)
        .map((user) => `${user},`)
        .join('');
      lines.push(
        `${name} 16384 ${this.#countOf(name)} ${users === '' ? '-' : users} Live 0x0000000000000000 (OE)\n`,
      );
      const folder = join(this.root, 'sys/module', name);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'refcnt'), `${this.#countOf(name)}\n`);
      if (version !== undefined) await writeFile(join(folder, 'version'), `${version}\n`);
      if (srcversion !== undefined) await writeFile(join(folder, 'srcversion'), `${srcversion}\n`);
    }
    const path = join(this.root, 'proc/modules');
    const text = lines.join('');
    if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await writeFile(path, text);
  }
}

function done(stdout = ''): CommandResult {
  return { exitCode: 0, stdout, stderr: '' };
}

function failed(stderr: string): CommandResult {
  return { exitCode: 1, stdout: '', stderr: `${stderr}\n` };
}
