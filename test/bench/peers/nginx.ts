import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { until } from '../../cluster/until.ts';
import { debianRoot } from '../../tools/debian/debian-root.ts';
import { toolOf } from '../../tools/debian/tool.ts';
import type { MeasuredServer } from '../dist-server.ts';
import { processUsage } from '../process-usage.ts';
import { isServed } from './curl.ts';

/** Debian's nginx as it comes, over the same folder with the same certificate; a worker for each CPU, sendfile on. */
export async function startNginx(prefix: string, folder: string, tls: string): Promise<MeasuredServer> {
  const root = await debianRoot({ name: 'nginx', packages: ['nginx'] });
  const port = await freePort();
  await mkdir(join(prefix, 'dist'), { recursive: true });
  await symlink(folder, join(prefix, 'dist/v1'));
  await writeFile(join(prefix, 'nginx.conf'), configuration(port, prefix, tls));
  const { file, args, env } = toolOf(root, '/usr/sbin/nginx');
  const given = ['-p', prefix, '-c', join(prefix, 'nginx.conf'), '-e', 'stderr'];
  const child = spawn(file, [...args, ...given], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const { pid = 0 } = child;
  process.once('exit', () => child.kill('SIGTERM'));
  await until('nginx serves', async () => await isServed({ port, tls, file: 'package.tar.gz' }));
  return {
    port,
    cpuSeconds: () =>
      [pid, ...childrenOf(pid)].reduce((sum, each) => sum + (processUsage(each)?.cpuSeconds ?? 0), 0),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function configuration(port: number, prefix: string, tls: string): string {
  return `
daemon off;
user root;
worker_processes auto;
pid ${prefix}/pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${prefix}/body;
  proxy_temp_path ${prefix}/proxy;
  fastcgi_temp_path ${prefix}/fastcgi;
  uwsgi_temp_path ${prefix}/uwsgi;
  scgi_temp_path ${prefix}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${tls}/tls.crt;
    ssl_certificate_key ${tls}/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    location ${DRIVERS_PATH}/ { root ${prefix}; }
  }
}
`;
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
