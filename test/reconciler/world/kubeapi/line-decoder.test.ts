import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineDecoder } from '../../../../reconciler/world/kubeapi/line-decoder.ts';

function decode(chunks: readonly Buffer[], maxBytes = 1024 * 1024): { lines: string[]; pending: number } {
  const decoder = new LineDecoder(maxBytes);
  const lines = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return { lines, pending: decoder.pending };
}

/** `bytes`, cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}

const anEvent = fc.record({ type: fc.string({ unit: 'grapheme' }), object: fc.jsonValue() });

describe('LineDecoder', () => {
  it('gives the same lines however the bytes are cut, in the middle of a character too', () => {
    fc.assert(
      fc.property(
        fc.array(anEvent, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (events, places) => {
          const lines = events.map((event) => JSON.stringify(event));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
          expect(decode(cut(bytes, places))).toEqual({ lines, pending: 0 });
        },
      ),
    );
  });

  it('gives no line whose end has not come, and says that some of it is there', () => {
    fc.assert(
      fc.property(anEvent, fc.nat(), (event, place) => {
        const line = Buffer.from(JSON.stringify(event));
        const half = line.subarray(0, 1 + (place % line.length));
        expect(decode([Buffer.from('{}\n'), half])).toEqual({ lines: ['{}'], pending: half.length });
      }),
    );
  });

  it('passes over empty lines and takes the line ends of Windows', () => {
    expect(decode([Buffer.from('\n{"a":1}\r\n\r\n{"b":2}\n')])).toEqual({
      lines: ['{"a":1}', '{"b":2}'],
      pending: 0,
    });
  });

  it('takes a line as long as it may be, and none that is longer, ended or not', () => {
    const limit = 1024 * 1024;
    const line = Buffer.alloc(limit, 'x');
    expect(decode([line, Buffer.from('\n')], limit).lines[0]).toHaveLength(limit);
    const tooLong = 'An event of the API server is larger than 1 MiB.';
    expect(() => decode([line, Buffer.from('x')], limit)).toThrow(tooLong);
    expect(() => decode([line, Buffer.from('x\n')], limit)).toThrow(tooLong);
    expect(() =>
      decode(
        Array.from({ length: 17 }, () => Buffer.alloc(64 * 1024, 'x')),
        limit,
      ),
    ).toThrow(tooLong);
  });
});
