import { createReadStream } from 'node:fs';
import { Buffer } from 'node:buffer';
import type { Facts, FactsOrigin } from '../../core/facts/facts.ts';
import { FactsError } from '../../core/facts/facts-error.ts';
import { MAX_FACTS_BYTES, parseFacts } from '../../core/facts/parse-facts.ts';

/** The facts in a file that kubectl wrote, or in a pipe. Throws a FactsError for what cannot be read. */
export async function readFacts(file: string, installation?: FactsOrigin): Promise<Facts> {
  return parseFacts(await contentOf(file), file, installation);
}

async function contentOf(file: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).byteLength;
      // More than that is refused, whatever follows.
      if (bytes > MAX_FACTS_BYTES) break;
    }
  } catch (cause) {
    throw new FactsError(`${file} cannot be read: ${WHY[codeOf(cause)] ?? 'the system refuses it'}.`, {
      cause,
    });
  }
  return Buffer.concat(chunks, bytes);
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'that is not permitted',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
