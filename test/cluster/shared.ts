import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { inject, onTestFinished } from 'vitest';
import { Cluster, type ClusterAddress } from './cluster.ts';

/** The control plane of the whole test run. What is not in a namespace is seen by other tests too, so name it apart. */
export class SharedCluster extends Cluster {
  /** A fresh namespace for the test that asks. It goes when the test has finished. */
  async namespace(): Promise<string> {
    const name = await this.createNamespace();
    onTestFinished(() => this.deleteNamespace(name));
    return name;
  }
}

/** To be awaited at the top of a test file, where no timeout cuts off a first build: `const cluster = await sharedCluster();` */
export async function sharedCluster(): Promise<SharedCluster> {
  // Not fetch(): it gives up after five minutes without an answer.
  const [response] = (await once(get(inject('sharedControlPlane')), 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`The control plane did not start. ${answer}`);
  return new SharedCluster(JSON.parse(answer) as ClusterAddress);
}
