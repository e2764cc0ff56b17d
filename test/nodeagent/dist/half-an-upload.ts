import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { onTestFinished } from 'vitest';
import { DIGEST_HEADER } from '../../../schemas/drivers/uploaders.ts';
import { until } from '../../cluster/until.ts';
import { SERVER_NAME } from './certificates.ts';
import { type DistSite, pathOf, type Reach, sha256Of } from './dist-site.ts';

/** An upload that stops half-way; with `between` it goes on after that. Gives what cuts it. */
export async function halfAnUpload(
  { port, ca }: Reach,
  site: DistSite,
  file: string,
  bytes: Buffer,
  between?: () => Promise<void>,
): Promise<() => void> {
  const read = async (name: string) => await readFile(join(site.uploader, name), 'utf8');
  const [cert, key] = [await read('tls.crt'), await read('tls.key')];
  const socket = connect({ host: '127.0.0.1', port, ca, servername: SERVER_NAME, cert, key });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const half = bytes.length >> 1;
  const head = [
    `PUT ${pathOf(file)} HTTP/1.1`,
    'host: dist',
    `${DIGEST_HEADER}: ${sha256Of(bytes)}`,
    `content-length: ${bytes.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.write(bytes.subarray(0, half));
  await until('the upload has begun', async () => (await readdir(join(site.folder, '.incoming'))).length > 0);
  if (between !== undefined) {
    await between();
    socket.write(bytes.subarray(half));
  }
  return () => void socket.destroy();
}
