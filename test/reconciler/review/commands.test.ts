import { describe, expect, it } from 'vitest';
import type { Comment, Permission } from '../../../reconciler/forge-port.ts';
import { CommandEar } from '../../../reconciler/review/commands.ts';
import type { Conversation } from '../../../reconciler/review/conversation.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';

const STARTED_AT = new Date('2026-11-26T12:00:00Z');

const quiet = () => undefined;
const SILENT = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const after = (seconds: number) => new Date(STARTED_AT.getTime() + seconds * 1000);

function comment(id: number, text: string, more: Partial<Comment> = {}): Comment {
  const url = `https://git.example.com/storage/weka/pulls/7#issuecomment-${id}`;
  return { id, author: 'mate', text, url, createdAt: after(id), isEdited: false, ...more };
}

const conversation = (...comments: readonly Comment[]): Conversation => ({
  comments,
  plan: undefined,
  surplus: [],
  answered: new Set(),
});

/** An ear that knows what people may do, and counts who was asked about. */
function anEar(permissions: Readonly<Record<string, Permission>> = { mate: 'write' }) {
  const asked: string[] = [];
  const forge = {
    permission: (login: string) => {
      asked.push(login);
      return Promise.resolve(permissions[login] ?? 'none');
    },
  };
  return { ear: new CommandEar({ forge, log: SILENT, cluster: 'hall-1', startedAt: STARTED_AT }), asked };
}

async function heard(ear: CommandEar, said: Conversation, seen = 0): Promise<readonly number[]> {
  const { given } = await ear.hear(said, seen, {});
  return given.map(({ comment: { id } }) => id);
}

describe('commands in comments', () => {
  it('are heard of those who may write, and of nobody else', async () => {
    const { ear } = anEar({ mate: 'write', boss: 'admin', guest: 'read' });
    const said = conversation(
      comment(1, '/weka-gitops plan'),
      comment(2, '/weka-gitops plan', { author: 'guest' }),
      comment(3, '/weka-gitops plan', { author: 'boss' }),
      comment(4, '/weka-gitops plan', { author: 'stranger' }),
    );
    expect(await heard(ear, said)).toEqual([1, 3]);
  });

  it('are not heard where they were edited, or are no whole command, and nobody is asked about then', async () => {
    const { ear, asked } = anEar();
    const said = conversation(
      comment(1, '/weka-gitops plan', { isEdited: true }),
      comment(2, 'Please /weka-gitops plan'),
      comment(3, '/weka-gitops dance'),
      comment(4, '> /weka-gitops plan'),
    );
    expect(await heard(ear, said)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('are not heard twice, nor where they were answered', async () => {
    const { ear } = anEar();
    const said = conversation(comment(1, '/weka-gitops plan'), comment(2, '/weka-gitops plan'));
    expect(await heard(ear, said, 1)).toEqual([2]);
    expect(await heard(ear, { ...said, answered: new Set([2]) }, 0)).toEqual([1]);
  });

  it('are not heard where nobody listened when they were given', async () => {
    const { ear } = anEar();
    const old = comment(1, '/weka-gitops suspend for now', { createdAt: after(-1) });
    expect(await heard(ear, conversation(old, comment(2, '/weka-gitops plan')))).toEqual([2]);
  });

  it('are heard by the cluster that they name, or by all', async () => {
    const { ear } = anEar();
    const said = conversation(
      comment(1, '/weka-gitops plan --cluster hall-1'),
      comment(2, '/weka-gitops plan --cluster hall-2'),
      comment(3, '/weka-gitops plan'),
    );
    expect(await heard(ear, said)).toEqual([1, 3]);
  });

  it('are heard five times a minute of one person, also where a visit is made again', async () => {
    const { ear } = anEar({ mate: 'write', boss: 'admin' });
    const many = Array.from({ length: 8 }, (_, index) => comment(index + 1, '/weka-gitops plan'));
    const said = conversation(...many, comment(9, '/weka-gitops plan', { author: 'boss' }));
    expect(await heard(ear, said)).toEqual([1, 2, 3, 4, 5, 9]);
    expect(await heard(ear, said)).toEqual([1, 2, 3, 4, 5, 9]);
    const later = comment(10, '/weka-gitops plan', { createdAt: after(90) });
    expect(await heard(ear, conversation(...said.comments, later), 9)).toEqual([10]);
  });

  it('are heard of who may write, however many strangers give some, who are asked about once each', async () => {
    const { ear, asked } = anEar({ mate: 'write' });
    const strangers = Array.from({ length: 1_000 }, (_, index) =>
      comment(index + 1, '/weka-gitops plan', { author: `stranger-${index % 50}` }),
    );
    expect(await heard(ear, conversation(...strangers, comment(1_001, '/weka-gitops plan')))).toEqual([
      1_001,
    ]);
    expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted());
  });

  it('are heard thirty times an hour on a pull request, of all together who may write', async () => {
    const { ear } = anEar({ a: 'write', b: 'write', c: 'admin' });
    const many = Array.from({ length: 120 }, (_, index) =>
      comment(index + 1, '/weka-gitops plan', {
        author: ['a', 'b', 'c', 'guest'][index % 4]!,
        createdAt: after(index * 20),
      }),
    );
    expect(await heard(ear, conversation(...many))).toHaveLength(30);
  });

  it('are not heard of who the forge says nothing of, and those of others are', async () => {
    const error = new ForgeError('FORGE_FORBIDDEN', 'Gitea does not tell us.', { status: 403 });
    const warned: object[] = [];
    const forge = {
      permission: (login: string) =>
        login === 'guest' ? Promise.reject(error) : Promise.resolve<Permission>('write'),
    };
    const log = { ...SILENT, warn: (fields: object) => void warned.push(fields) };
    const ear = new CommandEar({ forge, log, cluster: 'hall-1', startedAt: STARTED_AT });
    const said = conversation(
      comment(1, '/weka-gitops plan', { author: 'guest' }),
      comment(2, '/weka-gitops plan'),
    );
    expect(await heard(ear, said)).toEqual([2]);
    expect(warned).toMatchObject([{ login: 'guest', code: 'FORGE_FORBIDDEN' }]);
  });

  it('say up to where they were listened to, and which was the last', async () => {
    const { ear } = anEar();
    const said = conversation(comment(4, '/weka-gitops plan', { author: 'guest' }), comment(6, 'Thanks.'));
    expect(await ear.hear(said, 2, {})).toEqual({ given: [], seen: 6, handled: 4 });
  });
});
