import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DRIVERS_PATH } from '../../schemas/drivers/package.ts';
import type { DriverSource } from '../../schemas/node/drivers.ts';
import { CertificateAuthority } from '../cluster/certificates.ts';
import { lastLines, type Supervised, Supervisor } from '../cluster/supervisor.ts';
import { until } from '../cluster/until.ts';
import type { PackedDrivers } from './driver-packages.ts';

const MAIN = join(import.meta.dirname, '../../nodeagent/main.ts');
const NAME = 'drivers.weka.svc.cluster.local';

/** The distribution service as a process of this machine, which guests reach. */
export class DriverDist {
  readonly port: number;
  readonly #authority = CertificateAuthority.create('drivers');
  readonly #supervisor: Supervisor;
  #process: Supervised | undefined;
  #starts = 0;

  static async start(): Promise<DriverDist> {
    const supervisor = await Supervisor.start();
    const dist = new DriverDist(supervisor, await freePort());
    await mkdir(join(dist.#folder, 'tls'), { recursive: true });
    await mkdir(join(dist.#folder, 'packages'));
    const { certificate, key } = dist.#authority.issue({ commonName: NAME, hosts: [NAME] });
    const tls = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': dist.#authority.certificate };
    for (const [name, content] of Object.entries(tls)) {
      await writeFile(join(dist.#folder, 'tls', name), content, { mode: 0o600 });
    }
    await dist.resume();
    return dist;
  }

  private constructor(supervisor: Supervisor, port: number) {
    this.#supervisor = supervisor;
    this.port = port;
  }

  /** Where a guest has its packages from. */
  get source(): DriverSource {
    return { url: `https://10.0.2.2:${this.port}`, serverName: NAME, ca: this.#authority.certificate };
  }

  /** Uploads a package as builders do. */
  async put({ package: { file, sha256 }, bytes }: PackedDrivers): Promise<void> {
    const { certificate, key } = this.#authority.issue({
      commonName: 'builder',
      organizations: ['weka-gitops:uploaders'],
    });
    const sent = request({
      host: '127.0.0.1',
      port: this.port,
      servername: NAME,
      ca: this.#authority.certificate,
      cert: certificate,
      key,
      method: 'PUT',
      path: `${DRIVERS_PATH}/${file}`,
      headers: { 'content-length': bytes.length, 'x-weka-sha256': sha256 },
    });
    sent.end(bytes);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const said = await text(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw new Error(`${file} was not taken, ${status}: ${said}`);
  }

  /** Kills it. What it holds is there again after `resume`. */
  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL');
    await this.#process?.ended;
  }

  async resume(): Promise<void> {
    const log = join(this.#folder, `dist-${++this.#starts}.log`);
    const { port } = this;
    const folders = ['--folder', join(this.#folder, 'packages'), '--tls', join(this.#folder, 'tls')];
    const started = await this.#supervisor.spawn({
      file: process.execPath,
      args: [MAIN, 'dist', ...folders, '--listen', `127.0.0.1:${port}`],
      cwd: this.#folder,
      env: process.env,
      log,
    });
    this.#process = started;
    const ended = started.ended.then(async (how) => {
      throw new Error(`The distribution service ended, ${how}: ${await lastLines(log)}`);
    });
    ended.catch(() => {});
    await Promise.race([until('the distribution service listens', async () => await listens(port)), ended]);
  }

  async stop(): Promise<void> {
    await this.#supervisor.end();
  }

  get #folder(): string {
    return this.#supervisor.folder;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
