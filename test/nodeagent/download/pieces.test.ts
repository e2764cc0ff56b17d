import { Buffer } from 'node:buffer';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pieces } from '../../../nodeagent/download/pieces.ts';

async function all(given: AsyncIterable<Uint8Array>): Promise<readonly Buffer[]> {
  const got: Buffer[] = [];
  for await (const piece of given) got.push(Buffer.from(piece));
  return got;
}

/** A stream that gives each of these by itself. */
function streamOf(...given: readonly Buffer[]): PassThrough {
  const stream = new PassThrough({ highWaterMark: 1 << 24 });
  for (const each of given) stream.write(each);
  return stream;
}

const bytes = (count: number) => Array.from({ length: count }, (_, at) => Buffer.from([at % 251]));

describe('the pieces of a stream', () => {
  it('are put together where they are small, and come in their order', async () => {
    const given = [...bytes(1000), Buffer.alloc(20_000, 7), ...bytes(70_000), Buffer.alloc(40_000, 9)];
    const stream = streamOf(...given);
    stream.end();
    const got = await all(pieces(stream, new AbortController().signal));
    expect(Buffer.concat(got).equals(Buffer.concat(given))).toBe(true);
    expect(got.length).toBeLessThan(50);
    expect(Math.max(...got.map((each) => each.length))).toBeLessThanOrEqual(64 * 1024);
  });

  it('stay as they were given when more come', async () => {
    const stream = new PassThrough();
    const coming = pieces(stream, new AbortController().signal);
    const got: Uint8Array[] = [];
    for (const text of ['one', 'two', 'three']) {
      stream.write(text);
      const { value } = await coming.next();
      got.push(value as Uint8Array);
    }
    expect(got.map((each) => Buffer.from(each).toString())).toEqual(['one', 'two', 'three']);
  });

  it('all come before it is told that the stream broke', async () => {
    const stream = streamOf(...bytes(5));
    const coming = pieces(stream, new AbortController().signal);
    const first = await coming.next();
    stream.destroy(new Error('It broke.'));
    expect((first.value as Uint8Array).length).toBe(5);
    await expect(coming.next()).rejects.toThrow('It broke.');
  });

  it('end at once where nobody wants them any more, whatever waits', async () => {
    const stop = new AbortController();
    const stream = streamOf(Buffer.alloc(40_000), Buffer.alloc(40_000), Buffer.alloc(40_000));
    const coming = pieces(stream, stop.signal);
    await coming.next();
    stop.abort(new Error('It is over.'));
    await expect(coming.next()).rejects.toThrow('It is over.');
  });
});
