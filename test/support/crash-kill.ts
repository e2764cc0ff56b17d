import type { StatusBranch } from '../../reconciler/ports.ts';
import type { Program } from '../../reconciler/program.ts';

/** When the process dies, as seen from its n-th call that changes something. */
export type Moment =
  /** The call was not sent; all before it were done, and none after it was. */
  | 'before'
  /** The call was done, and its answer never seen. */
  | 'after'
  /** The call was not sent, while those that were under way beside it were done. */
  | 'amid';

/** What the process is killed with. It is no failure that the program knows, so nothing in it is prepared for it. */
export class Killed extends Error {
  constructor(call: string) {
    super(`Killed at ${call}.`);
    this.name = 'Killed';
  }
}

/** Counts the calls that change something over any number of passes, and ends the process at one of them. */
export class Killer {
  /** What was done, in order: `apply v1/ConfigMap/…`, `delete …`, `push …`. */
  readonly done: string[] = [];
  readonly #at: number;
  readonly #moment: Moment;
  #begun = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #killed = false;

  /** Kills at no call unless told at which: the first is 1. */
  constructor(at = Infinity, moment: Moment = 'before') {
    this.#at = at;
    this.#moment = moment;
  }

  get killed(): boolean {
    return this.#killed;
  }

  /** The program with every way to change something under watch. Once killed, it reaches nothing any more. */
  watch(program: Program): Program {
    return {
      ...program,
      cluster: async (...args) => this.#watched(await program.cluster(...args)),
      statusBranch: (config) => {
        const branch = program.statusBranch(config);
        return branch && this.#watchedBranch(branch);
      },
    };
  }

  /** Everything the port has, method by method: V8 does not take a Proxy where something is disposed of. */
  #watched<Port extends object>(port: Port): Port {
    const watched = {};
    for (const name of namesOf(port)) {
      Object.defineProperty(watched, name, { enumerable: true, get: () => this.#member(port, name) });
    }
    return watched as Port;
  }

  #member(port: object, name: string | symbol): unknown {
    const value: unknown = Reflect.get(port, name);
    if (typeof value !== 'function') return value;
    const call = (...args: unknown[]): unknown => Reflect.apply(value, port, args);
    // What is left of a killed process may close its connections.
    if (typeof name === 'symbol') return call;
    if (name === 'apply' || name === 'delete') {
      return (...args: unknown[]) => this.#mutate(`${name} ${nameOf(args[0])}`, async () => call(...args));
    }
    return (...args: unknown[]) => {
      this.#alive(name);
      return call(...args);
    };
  }

  #watchedBranch(branch: StatusBranch): StatusBranch {
    return {
      ref: branch.ref,
      read: () => branch.read(),
      publish: async (build) => {
        this.#alive('push');
        let tells = false;
        const commit = await branch.publish((tip) => {
          const wanted = build(tip);
          // Where there is nothing to tell nothing is pushed, which only building it shows.
          if (wanted !== undefined && !tells) {
            tells = true;
            this.#begun += 1;
            this.#dieBefore('push');
          }
          return wanted;
        });
        if (tells) await this.#count('push', Promise.resolve());
        return commit;
      },
    };
  }

  async #mutate(call: string, send: () => Promise<unknown>): Promise<unknown> {
    if (this.#moment === 'amid') {
      this.#alive(call);
      this.#begun += 1;
      this.#dieBefore(call);
      return await this.#count(call, send());
    }
    // One after the other, so that what was done before the death is known to the call.
    const mine = this.#turn.then(async () => {
      this.#alive(call);
      this.#dieBefore(call);
      return await this.#count(call, send());
    });
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  /** A call that failed changed nothing, so the next one takes its number. */
  async #count<Result>(call: string, sent: Promise<Result>): Promise<Result> {
    const result = await sent;
    this.done.push(call);
    if (this.#moment === 'after' && this.done.length === this.#at) this.#die(call);
    this.#alive(call);
    return result;
  }

  #dieBefore(call: string): void {
    const next = this.#moment === 'amid' ? this.#begun : this.done.length + 1;
    if (this.#moment !== 'after' && next === this.#at) this.#die(call);
  }

  #die(call: string): never {
    this.#killed = true;
    throw new Killed(call);
  }

  #alive(call: string): void {
    if (this.#killed) throw new Killed(call);
  }
}

function nameOf(object: unknown): string {
  const { kind, metadata } = object as { kind: string; metadata: { name: string } };
  return `${kind} ${metadata.name}`;
}

function namesOf(port: object): ReadonlySet<string | symbol> {
  const names = new Set<string | symbol>(Reflect.ownKeys(port));
  for (let each: unknown = Object.getPrototypeOf(port); each !== Object.prototype && each !== null;) {
    for (const name of Reflect.ownKeys(each as object)) if (name !== 'constructor') names.add(name);
    each = Object.getPrototypeOf(each);
  }
  return names;
}
