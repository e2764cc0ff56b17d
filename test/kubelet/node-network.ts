import { randomInt } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { run } from '../cluster/run.ts';
import { until } from '../cluster/until.ts';
import { toolOf } from '../tools/debian/tool.ts';

/** Both ends of the line between this machine and a node on it. A node's address may not be a loopback one. */
export interface Line {
  readonly gateway: string;
  readonly node: string;
}

/** Two addresses of those that are meant for tests of networks, and of no line that is there. */
export function freeLine(): Line {
  for (;;) {
    const network = `198.${18 + randomInt(2)}.${randomInt(256)}`;
    const first = 4 * randomInt(64);
    const taken = Object.values(networkInterfaces()).flat();
    const line = { gateway: `${network}.${first + 1}`, node: `${network}.${first + 2}` };
    if (!taken.some((found) => found?.address === line.gateway)) return line;
  }
}

/**
 * Puts one end of a line into the network of a process, as `eth0`. The line goes together with that network, which goes with
 * the last process in it.
 */
export async function layLine(root: string, line: Line, pid: number): Promise<void> {
  const own = await readlink('/proc/self/ns/net');
  await until(
    'the node has a network of its own',
    async () => (await readlink(`/proc/${pid}/ns/net`)) !== own,
  );
  const name = `wg${line.gateway.split('.').slice(1).map(toHex).join('')}`;
  await ip(root, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  await ip(root, 'address', 'add', `${line.gateway}/30`, 'dev', name);
  await ip(root, 'link', 'set', name, 'up');
}

function toHex(byte: string): string {
  return Number(byte).toString(16).padStart(2, '0');
}

async function ip(root: string, ...words: readonly string[]): Promise<void> {
  const { file, args, env } = toolOf(root, '/usr/sbin/ip');
  const { exitCode, stderr } = await run(file, [...args, ...words], { env });
  if (exitCode !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}`);
}
