import { debianRoot } from '../../tools/debian/debian-root.ts';

const BASE = 'base-files bash coreutils dash findutils grep gzip mount sed util-linux';
const TOOLS = 'busybox-static e2fsprogs iproute2 iptables kmod procps';
const CONTAINERS = 'containerd containernetworking-plugins crun';

/** What a node has, beside its kernel and the kubelet. */
export async function nodeSystem(): Promise<string> {
  return await debianRoot({
    name: 'node-system',
    packages: [BASE, TOOLS, CONTAINERS].flatMap((names) => names.split(' ')),
  });
}
