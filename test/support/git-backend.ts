import { spawn, type ChildProcess } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { gitEnvironment } from './git-command.ts';

/** Serves requests by `git http-backend`, one process each, and ends those that are left. */
export class GitBackend {
  readonly #root: string;
  readonly #running = new Map<ChildProcess, Promise<void>>();

  /** `root` is the folder below which the repositories are. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Answers one request. Both bodies pass through the given streams, which may cut them short. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    { user, upload, download }: { user: string | undefined; upload: Transform; download: Transform },
  ): Promise<void> {
    const child = spawn('git', ['http-backend'], {
      // A group of its own, so that the programs it starts end with it.
      detached: true,
      env: { ...gitEnvironment(this.#root), ...cgiEnvironment(request, this.#root, user) },
    });
    this.#running.set(child, new Promise((resolve) => child.once('close', () => resolve())));
    child.once('close', () => this.#running.delete(child));
    response.once('close', () => this.#kill(child));

    const said = text(child.stderr).catch(() => '');
    request.pipe(upload).pipe(child.stdin);
    // A program that answers without reading all of the request is right to.
    child.stdin.on('error', () => upload.unpipe(child.stdin).resume());
    try {
      const rest = await readHead(child.stdout, response);
      if (rest === undefined) {
        response.writeHead(500).end(await said);
        return;
      }
      download.write(rest);
      await pipeline(child.stdout, download, response);
    } catch {
      // The client is gone, or was cut off.
      response.destroy();
    }
  }

  /** Ends every process that still runs. */
  async stop(): Promise<void> {
    for (const child of this.#running.keys()) this.#kill(child);
    await Promise.all(this.#running.values());
  }

  #kill(child: ChildProcess): void {
    if (child.pid === undefined || !this.#running.has(child)) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended by itself just now.
    }
  }
}

/** RFC 3875, as far as git reads it. */
function cgiEnvironment(request: IncomingMessage, root: string, user: string | undefined): NodeJS.ProcessEnv {
  const url = new URL(request.url ?? '/', 'http://server');
  const { headers } = request;
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: headers['content-type'],
    CONTENT_LENGTH: headers['content-length'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    GIT_PROTOCOL: headers['git-protocol'] as string | undefined,
    // Pushing is open to whoever has a name.
    REMOTE_USER: user,
    REMOTE_ADDR: request.socket.remoteAddress,
  };
}

/** Sends the status and headers that the program printed; gives the bytes after them, or undefined if it printed none. */
async function readHead(stdout: Readable, response: ServerResponse): Promise<Buffer | undefined> {
  let head = Buffer.alloc(0);
  for (;;) {
    const end = head.indexOf('\r\n\r\n');
    if (end !== -1) {
      let status = 200;
      for (const field of head.subarray(0, end).toString('latin1').split('\r\n')) {
        const [name = '', value = ''] = field.split(/:\s*(.*)/, 2);
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else response.appendHeader(name, value);
      }
      response.statusCode = status;
      return head.subarray(end + 4);
    }
    const chunk = stdout.read() as Buffer | null;
    if (chunk !== null) head = Buffer.concat([head, chunk]);
    else if (!(await readable(stdout))) return undefined;
  }
}

/** Waits for more to read; false at the end. */
function readable(stream: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (more: boolean) => () => {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
      resolve(more);
    };
    const onReadable = settle(true);
    const onEnd = settle(false);
    stream.once('readable', onReadable).once('end', onEnd).once('close', onEnd);
  });
}
