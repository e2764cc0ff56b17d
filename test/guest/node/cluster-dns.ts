import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import type { Cluster } from '../../cluster/cluster.ts';
import type { GuestNode } from './guest-node.ts';

/** Address that pods ask for names at. */
export const DNS_ADDRESS = '10.96.0.10';

const A = 1;
const NO_SUCH_NAME = 3;

/** Answers pods as the DNS of a cluster does: with the address of the Service of that name, and with nothing else. */
export class ClusterDns implements AsyncDisposable {
  readonly #socket = createSocket('udp4');
  readonly #cluster: Cluster;

  /** Serves a node, on which packets for `DNS_ADDRESS` come here. */
  static async serve(cluster: Cluster, { guest }: GuestNode): Promise<ClusterDns> {
    const dns = new ClusterDns(cluster);
    dns.#socket.bind(0, '127.0.0.1');
    await once(dns.#socket, 'listening');
    const { port } = dns.#socket.address();
    const to = ['-p', 'udp', '--dport', '53', '-j', 'DNAT', '--to-destination', `10.0.2.2:${port}`];
    await guest.output('iptables', '-t', 'nat', '-A', 'PREROUTING', '-d', DNS_ADDRESS, ...to);
    return dns;
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#socket.on('message', (question, { address, port }) => {
      void this.#answer(question).then((answer) => this.#socket.send(answer, port, address));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  async #answer(question: Buffer): Promise<Buffer> {
    const { name, type, end } = readQuestion(question);
    const ip = await this.#addressOf(name);
    const header = Buffer.from(question.subarray(0, 12));
    const hasAnswer = ip !== undefined && type === A;
    // An answer, by who knows all names; of other types there is none.
    header.writeUInt16BE(0x8580 | (ip === undefined ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(hasAnswer ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const asked = question.subarray(12, end);
    if (!hasAnswer) return Buffer.concat([header, asked]);
    // The name as in the question, type A, class IN, for a second, four bytes.
    const record = Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 1, 0, 4, ...ip.split('.').map(Number)]);
    return Buffer.concat([header, asked, record]);
  }

  async #addressOf(name: string): Promise<string | undefined> {
    const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/i.exec(name) ?? [];
    if (service === undefined || namespace === undefined) return undefined;
    const path = `/api/v1/namespaces/${namespace}/services/${service}`;
    interface Service {
      readonly spec: { readonly clusterIP?: string };
    }
    const found = await this.#cluster.api.json<Service>('GET', path).catch(() => undefined);
    return found?.spec.clusterIP;
  }
}

function readQuestion(message: Buffer): {
  readonly name: string;
  readonly type: number;
  readonly end: number;
} {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
}
