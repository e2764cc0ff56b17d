import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReconcilerError } from '../../../reconciler/errors.ts';
import { download as downloadForNode } from '../../../nodeagent/drivers/download.ts';
import { FetchError } from '../../../nodeagent/fetch/errors.ts';
import type { DownloadTimes } from '../../../nodeagent/download/patience.ts';
import { download as downloadForService } from '../../../nodeagent/fetch/download.ts';
import { StepFailedError } from '../../../nodeagent/plan/fault.ts';
import { sha256 } from '../drivers/archive.ts';
import { type Answer, file, packageServer, status } from '../drivers/package-server.ts';
import { temporaryFolder } from '../drivers/temporary-folder.ts';
import { hastyTime } from '../hasty-time.ts';
import { aPackage } from '../plan/driver-builders.ts';

const BYTES = randomBytes(300_000);
const PACKAGE = aPackage('4.4.5', { sha256: sha256(BYTES), bytes: BYTES.length });
const PATIENT: DownloadTimes = { answerMs: 30_000, silentMs: 30_000, leastBytesPerMs: 100 };

/** Says this below HTTP. */
function saying(text: string | Buffer): Answer {
  return (_, response) => void response.socket?.write(text);
}

/** Says this again and again. */
function repeating(text: string, first = ''): Answer {
  return ({ socket }) => {
    if (first !== '') socket.write(first);
    const timer = setInterval(() => socket.write(text), 20);
    socket.on('close', () => clearInterval(timer));
  };
}

interface Case {
  readonly what: string;
  readonly answer: Answer;
  /** How long it is borne. */
  readonly times?: Partial<DownloadTimes>;
  /** What a node, and the pod that fetches for a service, make of it: code and message. */
  readonly node: readonly [string, RegExp];
  readonly service: readonly [string, RegExp];
}

const CASES: readonly Case[] = [
  {
    what: 'a redirect to somebody else',
    answer: status(302, { location: 'http://127.0.0.1:1/' }),
    node: ['SERVICE', /answers with status 302/],
    service: ['REGISTRY_REFUSED', /leads to http:\/\/127\.0\.0\.1:1, which is not followed/],
  },
  {
    what: 'a redirect to no address',
    answer: status(302, { location: 'file:///etc/shadow' }),
    node: ['SERVICE', /answers with status 302/],
    service: ['REGISTRY_REFUSED', /leads to what is no web address/],
  },
  {
    what: 'too short a file',
    answer: file(BYTES.subarray(0, 1000)),
    node: ['SIZE', /has 1000 bytes, and the package 300000/],
    service: ['DIGEST', /has 1000 bytes as .*, where 300000 are pinned/],
  },
  {
    what: 'too long a file',
    answer: file(Buffer.concat([BYTES, BYTES])),
    node: ['SIZE', /has 600000 bytes/],
    service: ['DIGEST', /has 600000 bytes/],
  },
  {
    what: 'an end before the end, as if that were all',
    answer: (_, response) => void response.writeHead(200).end(BYTES.subarray(0, 1000)),
    node: ['SIZE', /ends after 1000 of 300000 bytes/],
    service: ['REGISTRY_UNREACHABLE', /the answer ended early/],
  },
  {
    what: 'more than there is, without saying how much',
    answer: (_, response) => void response.writeHead(200).end(Buffer.concat([BYTES, BYTES])),
    node: ['SIZE', /is longer than the 300000 bytes/],
    service: ['DIGEST', /has more bytes/],
  },
  {
    what: 'bytes without end',
    answer: repeating(
      `20000\r\n${'x'.repeat(0x20000)}\r\n`,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
    node: ['SIZE', /is longer than the 300000 bytes/],
    service: ['DIGEST', /has more bytes/],
  },
  {
    what: 'a packed file',
    answer: (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(BYTES),
    node: ['SIZE', /packed once more/],
    service: ['REGISTRY_REFUSED', /packed once more/],
  },
  {
    what: 'other bytes of the same length',
    answer: file(randomBytes(BYTES.length)),
    node: ['DIGEST', /is not the pinned package/],
    service: ['DIGEST', /and not the pinned/],
  },
  {
    what: 'a part that nobody asked for',
    answer: (_, response) =>
      void response.writeHead(206, { 'content-range': 'bytes 0-299999/300000' }).end(BYTES),
    node: ['SERVICE', /answers with status 206/],
    service: ['REGISTRY_REFUSED', /HTTP status 206/],
  },
  {
    what: 'an error of its own',
    answer: status(503),
    node: ['SERVICE', /answers with status 503/],
    service: ['REGISTRY_UNREACHABLE', /it answers with HTTP status 503/],
  },
  {
    what: 'nothing',
    times: { answerMs: 250 },
    answer: () => undefined,
    node: ['UNREACHABLE', /did not answer within/],
    service: ['REGISTRY_UNREACHABLE', /it did not answer within/],
  },
  {
    what: 'a beginning and then nothing',
    times: { silentMs: 250 },
    answer: (_, response) => void response.writeHead(200, { etag: '"v1"' }).write(BYTES.subarray(0, 1000)),
    node: ['UNREACHABLE', /and then sent nothing for/],
    service: ['REGISTRY_UNREACHABLE', /it sent nothing for/],
  },
  {
    what: 'a byte now and then',
    times: { leastBytesPerMs: 1000, graceMs: 250 },
    answer: (_, response) => {
      response.writeHead(200, { etag: '"v1"' });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    },
    node: ['UNREACHABLE', /sends less than 1000 kB in a second/],
    service: ['REGISTRY_UNREACHABLE', /sends less than 1000 kB in a second/],
  },
  {
    what: 'another protocol',
    answer: saying('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    node: ['SERVICE', /switches to another protocol/],
    service: ['REGISTRY_UNREACHABLE', /switches to another protocol/],
  },
  {
    what: 'another protocol, and does not say which',
    answer: saying('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    node: ['SERVICE', /switches to another protocol/],
    service: ['REGISTRY_UNREACHABLE', /switches to another protocol/],
  },
  {
    what: 'hints that an answer will come, without end',
    times: { answerMs: 250 },
    answer: repeating('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'),
    node: ['UNREACHABLE', /did not answer within/],
    service: ['REGISTRY_UNREACHABLE', /it did not answer within/],
  },
  {
    what: 'a line of an answer, over and over',
    times: { answerMs: 250 },
    answer: repeating('X-Header: x\r\n', 'HTTP/1.1 200 OK\r\n'),
    node: ['UNREACHABLE', /did not answer within/],
    service: ['REGISTRY_UNREACHABLE', /it did not answer within/],
  },
  {
    what: 'more of headers than anybody takes',
    answer: saying(`HTTP/1.1 200 OK\r\nX-Header: ${'x'.repeat(1 << 20)}`),
    node: ['UNREACHABLE', /cannot be reached \(/],
    service: ['REGISTRY_UNREACHABLE', /cannot be had from/],
  },
  {
    what: 'what is no HTTP',
    answer: saying('SSH-2.0-OpenSSH_9.2p1\r\n'),
    node: ['UNREACHABLE', /cannot be reached \(no HTTP that is understood\)/],
    service: ['REGISTRY_UNREACHABLE', /no HTTP that is understood/],
  },
  {
    what: 'a chunk whose length is no number',
    answer: saying('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    node: ['UNREACHABLE', /broke off while it sent the package/],
    service: ['REGISTRY_UNREACHABLE', /it broke off/],
  },
  {
    what: 'the end of the connection',
    answer: ({ socket }) => void socket.resetAndDestroy(),
    node: ['UNREACHABLE', /cannot be reached \(/],
    service: ['REGISTRY_UNREACHABLE', /cannot be had from/],
  },
];

async function failureOf(work: Promise<unknown>): Promise<ReconcilerError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StepFailedError || error instanceof FetchError) return error;
  throw (error as Error | undefined) ?? new Error('It came to an end.');
}

describe('a source that answers with', () => {
  it.each(CASES)('$what is left by a node', async ({ answer, times, node: [code, message] }) => {
    const server = await packageServer();
    server.answer = answer;
    const folder = await temporaryFolder();
    const to = join(folder, 'package');
    const { signal } = new AbortController();
    const given = { package: PACKAGE, from: [server.source], to, signal, times: PATIENT };
    const error = await failureOf(downloadForNode({ ...given, times: { ...PATIENT, ...times } }));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.hint).toMatch(/^[A-Z]/);
    server.answer = file(BYTES);
    await downloadForNode(given);
    expect(await readFile(to)).toEqual(BYTES);
    expect(await readdir(folder)).toEqual(['package']);
  });

  it.each(CASES)(
    '$what is left by who fetches for a service, which has nothing whole by then',
    async ({ answer, times, service: [code, message] }) => {
      const server = await packageServer();
      server.answer = answer;
      const read = async (more: Partial<DownloadTimes> = {}) => {
        const chunks: Uint8Array[] = [];
        const note = () => undefined;
        const bytes = downloadForService(
          {
            url: `${server.source.url}/x`,
            package: PACKAGE,
            env: {},
            userAgent: 'test',
            random: () => 0,
            log: { info: note, warn: note },
            time: hastyTime(),
            times: { ...PATIENT, ...more },
          },
          new AbortController().signal,
        );
        given = 0;
        for await (const chunk of bytes) {
          chunks.push(chunk);
          given += chunk.length;
        }
        return Buffer.concat(chunks);
      };
      let given = 0;
      const error = await failureOf(read(times));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
      expect(given).toBeLessThan(BYTES.length);
      server.answer = file(BYTES);
      expect(await read()).toEqual(BYTES);
    },
  );
});

describe('a source that gives the same part again and again', () => {
  it('is left by who fetches for a service, since nothing more comes', async () => {
    const server = await packageServer();
    const half = file(BYTES, { cut: BYTES.length / 2 });
    server.answer = (request, response) =>
      (request.headers.range === undefined ? half : status(416))(request, response);
    const note = () => undefined;
    const bytes = downloadForService(
      {
        url: `${server.source.url}/x`,
        package: PACKAGE,
        env: {},
        userAgent: 'test',
        random: () => 0,
        log: { info: note, warn: note },
        time: hastyTime(),
        times: PATIENT,
      },
      new AbortController().signal,
    );
    const all = async () => {
      for await (const _ of bytes) continue;
    };
    const error = await failureOf(all());
    expect(error.message).toMatch(/another part/);
    expect(server.asked.length).toBeLessThan(8);
  });

  it('of one byte each is taken at little cost, and left at once', async () => {
    const server = await packageServer();
    const tiny = Buffer.from('1\r\nx\r\n'.repeat(20_000));
    server.answer = ({ socket }) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\nETag: "a"\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = (): void => void (socket.write(tiny) ? setImmediate(more) : socket.once('drain', more));
      more();
    };
    const stop = new AbortController();
    let writes = 0;
    const downloading = downloadForNode({
      package: { ...PACKAGE, bytes: 1 << 30 },
      from: [server.source],
      to: join(await temporaryFolder(), 'package'),
      signal: stop.signal,
      times: PATIENT,
      progress: () => {
        if ((writes += 1) === 20) stop.abort(new Error('It is over.'));
      },
    });
    await expect(downloading).rejects.toThrow('It is over.');
    expect(writes).toBe(20);
  });
});
