import { readFile } from 'node:fs/promises';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { join } from 'node:path';

/** The bytes of `path` below the dist tree at `from`, an address or a `file://` folder; undefined where it is not there. */
export async function get(from: string, path: string): Promise<Buffer | undefined> {
  const [, folder] = /^file:\/\/\/?(.*)$/.exec(from) ?? [];
  if (folder !== undefined) return await readFile(join('/', folder, 'dist', path)).catch(() => undefined);
  const url = new URL(`${from.replace(/\/$/, '')}/dist/v1/${path}`);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const send = url.protocol === 'https:' ? https : http;
  // It trusts any certificate, as `curl -k` does.
  const request = send(url, { rejectUnauthorized: false, agent: false }, (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', reject);
    response.on('end', () => {
      resolve(response.statusCode === 200 && response.complete ? Buffer.concat(parts) : undefined);
    });
  });
  request.setTimeout(60_000, () => request.destroy(new Error('It does not answer.')));
  request.on('error', reject);
  request.end();
  return await promise.catch(() => undefined);
}
