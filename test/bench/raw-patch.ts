/**
 * The least that an apply can be: `raw-patch JOB CONCURRENCY` sends objects as server-side apply, so many at once, and
 * looks at nothing but the status of the answers. Prints the seconds of the loop alone.
 */
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

/** The JSON file that it works off. */
export interface Job {
  readonly server: string;
  /** PEM of the authority that vouches for the server. */
  readonly ca: string;
  readonly token: string;
  readonly configMaps: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
  }[];
}

const [jobFile = '', concurrency = ''] = process.argv.slice(2);
const { server, ca, token, configMaps } = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
const pool = new Pool(server, { connections: Number(concurrency), allowH2: false, connect: { ca } });
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' };
const left = configMaps.values();

async function work(): Promise<void> {
  for (const configMap of left) {
    const { name, namespace } = configMap.metadata;
    const path = `/api/v1/namespaces/${namespace}/configmaps/${name}?fieldManager=raw&force=true`;
    const answer = await pool.request({ method: 'PATCH', path, headers, body: JSON.stringify(configMap) });
    await answer.body.dump();
    if (answer.statusCode > 299) throw new Error(`${path} was answered with ${answer.statusCode}.`);
  }
}

const started = performance.now();
await Promise.all(Array.from({ length: Number(concurrency) }, work));
console.log((performance.now() - started) / 1000);
await pool.close();
