import { type Command, mayFollow, parseCommand } from '../core/review/commands.ts';
import type { Comment, Forge } from '../forge-port.ts';
import type { Interruptible, Log } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import { mayWrite } from './forge-trouble.ts';

/** A command that somebody gave who may. */
export interface GivenCommand {
  readonly command: Command;
  readonly comment: Comment;
}

/** What comments ask for that was not handled yet. */
export interface Heard {
  readonly given: readonly GivenCommand[];
  /** The last comment that was listened to. */
  readonly seen: number;
  /** The last one that was a command, whoever gave it; undefined where none was. */
  readonly handled: number | undefined;
}

/** Where commands come from, and since when. */
interface CommandSource {
  readonly forge: Pick<Forge, 'permission'>;
  readonly log: Log;
  readonly cluster: string;
  /** Before it nobody listened. */
  readonly startedAt: Date;
}

const HOUR_MS = 3_600_000;

/** Hears what people ask for in comments. Who may not is not even told so. */
export class CommandEar {
  readonly #source: CommandSource;
  /** When each person gave commands, anywhere, within the last hour, by the comments. */
  readonly #times = new Map<string, ReadonlyMap<number, Date>>();
  /** When those were given that were followed within the last hour, by the comments: who may not give any takes no room. */
  readonly #followed = new Map<number, Date>();

  constructor(source: CommandSource) {
    this.#source = source;
  }

  /** What is asked for in comments after `seen`, which was the last one that was listened to. */
  async hear(conversation: Conversation, seen: number, options: Interruptible): Promise<Heard> {
    const given: GivenCommand[] = [];
    const permitted = new Map<string, boolean>();
    let handled: number | undefined;
    for (const comment of conversation.comments) {
      const command = this.#isNew(comment, conversation, seen) ? this.#commandOf(comment) : undefined;
      if (command === undefined) continue;
      handled = comment.id;
      if (conversation.answered.has(comment.id)) continue;
      if (await this.#mayGive(comment, conversation, permitted, options)) given.push({ command, comment });
    }
    return { given, seen: Math.max(seen, ...conversation.comments.map(({ id }) => id)), handled };
  }

  #isNew({ id, createdAt, isEdited }: Comment, { plan }: Conversation, seen: number): boolean {
    if (isEdited || id <= seen) return false;
    return (
      createdAt.getTime() >= this.#source.startedAt.getTime() || (plan !== undefined && id > plan.comment.id)
    );
  }

  /** The command for this cluster, which a comment of several may name. */
  #commandOf({ text }: Comment): Command | undefined {
    const command = parseCommand(text);
    return command?.cluster === undefined || command.cluster === this.#source.cluster ? command : undefined;
  }

  async #mayGive(
    comment: Comment,
    { comments, answered }: Conversation,
    permitted: Map<string, boolean>,
    options: Interruptible,
  ): Promise<boolean> {
    const { author, createdAt, id } = comment;
    const onPullRequest = comments
      .filter((each) => each.id < id && (this.#followed.has(each.id) || answered.has(each.id)))
      .map((each) => each.createdAt);
    const times = this.#timesOf(author, createdAt);
    const byPerson = [...times].filter(([each]) => each !== id).map(([, time]) => time);
    if (!mayFollow(createdAt, { byPerson, onPullRequest })) return false;
    this.#times.set(author, new Map([...times, [id, createdAt]]));
    const mayGive = permitted.get(author) ?? (await mayWrite(this.#source, author, options));
    permitted.set(author, mayGive);
    if (mayGive) this.#followed.set(id, createdAt);
    return mayGive;
  }

  #timesOf(author: string, now: Date): ReadonlyMap<number, Date> {
    const since = now.getTime() - HOUR_MS;
    for (const [id, time] of this.#followed) if (time.getTime() <= since) this.#followed.delete(id);
    for (const [login, times] of this.#times) {
      const recent = new Map([...times].filter(([, time]) => time.getTime() > since));
      if (recent.size === 0) this.#times.delete(login);
      else this.#times.set(login, recent);
    }
    return this.#times.get(author) ?? new Map();
  }
}
