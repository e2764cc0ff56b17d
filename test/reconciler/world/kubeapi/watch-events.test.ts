import { describe, expect, it } from 'vitest';
import { type WatchEvent, watchEvents } from '../../../../reconciler/world/kubeapi/watch-events.ts';
import { complaint } from './fixture.ts';

const CALL = { method: 'GET', path: '/api/v1/namespaces/weka/secrets' };

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function read(...chunks: readonly string[]): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  for await (const event of watchEvents(CALL, bytes(...chunks))) events.push(event);
  return events;
}

const object = {
  kind: 'Secret',
  metadata: { name: 'a', resourceVersion: '7' },
  data: { password: 'aHVudGVyMg==' },
};
const line = (type: string, what: object = object): string => `${JSON.stringify({ type, object: what })}\n`;

describe('watchEvents', () => {
  it('gives objects and bookmarks until the watch ends', async () => {
    const bookmark = { kind: 'Secret', metadata: { resourceVersion: '9', creationTimestamp: null } };
    expect(await read(line('ADDED') + line('MODIFIED'), line('DELETED'), line('BOOKMARK', bookmark))).toEqual(
      [
        { type: 'ADDED', object },
        { type: 'MODIFIED', object },
        { type: 'DELETED', object },
        { type: 'BOOKMARK', resourceVersion: '9' },
      ],
    );
  });

  it('throws what the API server ends the watch with', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 3 (9)' };
    await expect(read(line('ERROR', gone))).rejects.toMatchObject({ code: 'API_GONE', status: 410 });
    const broken = { kind: 'Status', code: 500, message: 'etcd is away' };
    await expect(read(line('ERROR', broken))).rejects.toMatchObject({ code: 'API_UNAVAILABLE' });
    await expect(read(line('ERROR', {}))).rejects.toMatchObject({ code: 'API_UNAVAILABLE' });
  });

  it('throws where the watch ends within an event, and gives what came whole', async () => {
    const seen: WatchEvent[] = [];
    const reading = async (): Promise<void> => {
      const stream = watchEvents(CALL, bytes(line('ADDED'), line('MODIFIED').slice(0, 60)));
      for await (const event of stream) seen.push(event);
    };
    expect(await complaint(reading)).toBe(
      'API_UNAVAILABLE: secrets in namespace weka: the watch ended within an event.',
    );
    expect(seen).toEqual([{ type: 'ADDED', object }]);
  });

  it.each([
    ['no JSON', 'hunter2 is the password\n'],
    ['no event', '{"hunter2": true}\n'],
    ['an unknown type', line('RENAMED')],
    ['no object', '{"type":"ADDED"}\n'],
    ['an object without a version', line('ADDED', { metadata: { name: 'hunter2' } })],
    ['a bookmark without a version', line('BOOKMARK', { metadata: {} })],
  ])('throws at %s, and quotes nothing of it', async (_, text) => {
    expect(await complaint(() => read(text))).toBe(
      'API_UNAVAILABLE: secrets in namespace weka: what came in a watch is no event.\n' +
        '  hint: Something else than an API server may stand at that address, or in between.',
    );
  });
});
