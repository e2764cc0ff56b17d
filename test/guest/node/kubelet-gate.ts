import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority, type Identity } from '../../cluster/certificates.ts';

/** The address that every guest has on its own network. */
const GUEST = '10.0.2.15';

/**
 * The way of an API server to the kubelets of guests, for exec and logs. Guests are on networks that only QEMU sees, and all have the
 * same address there; their kubelets are told apart by the port, which is forwarded from the same port of this machine. The API
 * server is started with `flags`.
 */
export class KubeletGate {
  readonly flags: readonly string[];
  /** Vouches for kubelets to the API server, and for the API server to kubelets. */
  readonly authority: string;
  readonly #authority: CertificateAuthority;
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async open(): Promise<KubeletGate> {
    const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
    const authority = CertificateAuthority.create('weka-gitops-kubelets');
    const client = authority.issue({ commonName: 'kube-apiserver', organizations: ['system:masters'] });
    const at = (name: string) => join(folder, name);
    const selector = {
      apiVersion: 'apiserver.k8s.io/v1beta1',
      kind: 'EgressSelectorConfiguration',
      egressSelections: [
        {
          name: 'cluster',
          connection: {
            proxyProtocol: 'HTTPConnect',
            transport: { uds: { udsName: at('gate.sock') } },
          },
        },
      ],
    };
    for (const [name, content] of Object.entries({
      'authority.crt': authority.certificate,
      'client.crt': client.certificate,
      'client.key': client.key,
      'egress.json': JSON.stringify(selector),
    })) {
      await writeFile(at(name), content, { mode: 0o600 });
    }
    const flags = [
      `--egress-selector-config-file=${at('egress.json')}`,
      `--kubelet-certificate-authority=${at('authority.crt')}`,
      `--kubelet-client-certificate=${at('client.crt')}`,
      `--kubelet-client-key=${at('client.key')}`,
      '--kubelet-preferred-address-types=InternalIP',
    ];
    const gate = new KubeletGate(folder, authority, flags);
    await once(gate.#server.listen(at('gate.sock')), 'listening');
    return gate;
  }

  private constructor(folder: string, authority: CertificateAuthority, flags: readonly string[]) {
    this.flags = flags;
    this.authority = authority.certificate;
    this.#authority = authority;
    this.#folder = folder;
    this.#server = createServer((_request, response) => response.writeHead(405).end());
    this.#server.on('connect', (request: { url?: string }, socket: Socket) =>
      this.#lead(request.url ?? '', socket),
    );
  }

  /** What a kubelet proves itself by. */
  kubeletIdentity(node: string): Identity {
    const commonName = `system:node:${node}`;
    return this.#authority.issue({ commonName, organizations: ['system:nodes'], hosts: [GUEST] });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #lead(target: string, socket: Socket): void {
    this.#hold(socket);
    const [host, port] = target.split(':');
    if (host !== GUEST) {
      socket.end('HTTP/1.1 502 Only kubelets of guests are reached\r\n\r\n');
      return;
    }
    const kubelet = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      kubelet.pipe(socket).pipe(kubelet);
    });
    this.#hold(kubelet);
    kubelet.once('close', () => socket.destroy());
    socket.once('close', () => kubelet.destroy());
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
  }
}
