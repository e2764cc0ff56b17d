import type { Host, ReadLimits } from '../../nodeagent/host/host.ts';
import { observeNode } from '../../nodeagent/host/observe-node.ts';
import { Pulse } from '../../nodeagent/run/pulse.ts';
import type { Reading } from '../../nodeagent/observe/reading.ts';

type Question = 'text' | 'bytes' | 'list' | 'kind' | 'link' | 'follow' | 'space' | 'addresses';

/** What a host answered, by question and path. */
export type Recording = ReadonlyMap<string, Reading<unknown>>;

/** Looks once at all of a host that an agent looks at, and keeps what it answered. */
export async function recordHost(host: Host): Promise<Recording> {
  const answers = new Map<string, Reading<unknown>>();
  const recorded =
    <Answer>(question: Question, ask: (path: string, limits?: ReadLimits) => Promise<Reading<Answer>>) =>
    async (path = '', limits?: ReadLimits): Promise<Reading<Answer>> => {
      const answer = await ask(path, limits);
      answers.set(`${question} ${path}`, answer);
      return answer;
    };
  const recording: Host = {
    machine: host.machine,
    late: () => host.late(),
    text: recorded('text', async (path, limits) => await host.text(path, limits)),
    bytes: recorded('bytes', async (path, limits) => await host.bytes(path, limits)),
    list: recorded('list', async (path) => await host.list(path)),
    kind: recorded('kind', async (path) => await host.kind(path)),
    link: recorded('link', async (path) => await host.link(path)),
    follow: recorded('follow', async (path) => await host.follow(path)),
    space: recorded('space', async (path) => await host.space(path)),
    addresses: recorded('addresses', async () => await host.addresses()),
  };
  await observeNode(recording);
  await new Pulse(recording).changed(undefined);
  return answers;
}

/**
 * A host in memory, so that a process holds a thousand: it answers as one did that was recorded, save for what the test
 * changed since. What was never asked is absent.
 */
export class SimulatedHost implements Host {
  readonly machine = 'x86_64';
  readonly #recording: Recording;
  readonly #changed = new Map<string, Reading<unknown>>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** From now on the answer to such a question is this. */
  set(question: Question, path: string, value: unknown): void {
    this.#changed.set(`${question} ${path}`, { state: 'read', value });
  }

  late: Host['late'] = () => [];
  text = async (path: string) => this.#answer<string>('text', path);
  bytes = async (path: string) => this.#answer<Uint8Array>('bytes', path);
  list: Host['list'] = async (path) => this.#answer('list', path);
  kind: Host['kind'] = async (path) => this.#answer('kind', path);
  link = async (path: string) => this.#answer<string>('link', path);
  follow = async (path: string) => this.#answer<string>('follow', path);
  space: Host['space'] = async (path) => this.#answer('space', path);
  addresses: Host['addresses'] = async () => this.#answer('addresses', '');

  #answer<Value>(question: Question, path: string): Reading<Value> {
    const key = `${question} ${path}`;
    const answer = this.#changed.get(key) ?? this.#recording.get(key);
    return (answer as Reading<Value> | undefined) ?? { state: 'absent', reason: `There is no ${path}.` };
  }
}
