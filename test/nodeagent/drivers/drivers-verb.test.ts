import { describe, expect, it } from 'vitest';
import { cli } from '../../../nodeagent/cli.ts';
import { openHost } from '../../../nodeagent/host/open-host.ts';
import { everything } from '../fake-root.ts';
import { builtPackage, driverNode, keeperOf } from './driver-node.ts';
import { file, packageServer } from './package-server.ts';

async function printed(root: string, state: string, ...more: readonly string[]): Promise<string> {
  let text = '';
  const code = await cli(['drivers', '--root', root, '--state', state, ...more], {
    version: '0.1.0',
    print: (words) => void (text += words),
    complain: (words) => void (text += words),
    env: {},
    stopSignal: () => new AbortController().signal,
    abandon: () => undefined,
    openHost: (folder) => openHost({ root: folder, machine: 'x86_64', interfaces: () => ({}) }),
  });
  expect(code).toBe(0);
  return text;
}

describe('weka-nodeagent drivers', () => {
  it('says that nothing asks for drivers', async () => {
    const node = await driverNode();
    expect(await printed(node.root, node.state)).toBe('Nothing asks this node for drivers.\n');
  });

  it('tells what is asked for, what there is and what comes next, and changes nothing', async () => {
    const [node, server, asked] = [await driverNode(), await packageServer(), await builtPackage('4.4.5')];
    server.answer = file(asked.packed);
    const agent = keeperOf(node);
    agent.wants(asked.intent(server));
    await agent.is('loaded');
    await agent.end();
    await node.kernel.boot('0e8c2b1a-4a57-4f0b-9a8e-6c6d6f1f0c12');
    const before = await everything(node.root);
    const text = await printed(node.root, node.state);
    expect(text.replaceAll(/[0-9a-f]{12,}/g, 'DIGEST'))
      .toBe(`Wanted   4.4.5 for 6.1.0-32-cloud-amd64 x86_64, by WekaCluster weka/demo (generation 1001)
Package  4.4.5.tar.gz, SHA-256 DIGEST
State    working
Module   igb_uio missing, version 4.4.5
Module   mpin_user missing, version 4.4.5
Module   wekafsgw missing, version 4.4.5
Module   wekafsio missing, version 4.4.5
Loaded before  4.4.5 for 6.1.0-32-cloud-amd64
Next     verify package DIGEST: only what has this digest is loaded
Then     load uio of the kernel: igb_uio needs it
Then     unpack 4.4.5.tar.gz: modules are loaded only from what was just verified
Then     load igb_uio: 4.4.5 is asked for
Then     load mpin_user: 4.4.5 is asked for
Then     load wekafsgw: 4.4.5 is asked for
Then     load wekafsio: 4.4.5 is asked for
Then     write down the state: all modules of 4.4.5 are loaded
Then     remove what was unpacked: it is unpacked again when it is loaded again
`);
    const json = JSON.parse(await printed(node.root, node.state, '--output', 'json')) as unknown;
    expect(json).toMatchObject({
      generation: 1001,
      owner: 'WekaCluster weka/demo',
      report: { state: 'working' },
    });
    expect(await everything(node.root)).toEqual(before);
  });
});
