import { readFile } from 'node:fs/promises';
import type * as z from 'zod';

/** What a note that a loader left on its node says; undefined where there is none that can be made out. */
export async function readNote<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
