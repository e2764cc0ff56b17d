import { join } from 'node:path';
import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { type Result, run } from '../../cluster/run.ts';
import { SERVER_NAME } from '../../nodeagent/dist/certificates.ts';
import { debianRoot } from '../../tools/debian/debian-root.ts';
import { toolOf } from '../../tools/debian/tool.ts';

/** A file of a server of packages on this machine. */
export interface Download {
  readonly port: number;
  /** Folder of the certificate, and of the CA that vouches for it. */
  readonly tls: string;
  readonly file: string;
}

/** Whatever a server would rather have: none shall be faster for a cipher of its own. */
const SAME_TLS = ['--tlsv1.3', '--tls13-ciphers', 'TLS_AES_256_GCM_SHA384'];

/** Downloads a file and keeps nothing of it; throws where it does not get it. */
export async function download(wanted: Download): Promise<void> {
  const { exitCode, stderr } = await curl(wanted);
  if (exitCode !== 0) throw new Error(`curl failed.\n${stderr}`);
}

export async function isServed(wanted: Download): Promise<boolean> {
  return (await curl(wanted, '--head')).exitCode === 0;
}

async function curl({ port, tls, file }: Download, ...more: readonly string[]): Promise<Result> {
  const tool = toolOf(await debianRoot({ name: 'curl', packages: ['curl'] }), '/usr/bin/curl');
  const resolve = `${SERVER_NAME}:${port}:127.0.0.1`;
  const url = `https://${SERVER_NAME}:${port}${DRIVERS_PATH}/${file}`;
  const trust = ['--cacert', join(tls, 'ca.crt'), '--resolve', resolve, ...SAME_TLS];
  const args = ['--silent', '--show-error', '--fail', ...trust, '--output', '/dev/null', ...more, url];
  return await run(tool.file, [...tool.args, ...args], { env: tool.env });
}
