import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Issued, issue, newAuthority } from '../../../reconciler/world/drivers/authority.ts';

/** Name of the service that tests upload to. */
export const SERVER_NAME = 'demo-dist.weka.svc.cluster.local';

export async function anAuthority(): Promise<Issued> {
  return await newAuthority('weka-gitops test drivers', new Date());
}

/** A certificate by `authority` in a folder, as a kubelet has a Secret there; in place of one that is there. */
export async function certificateIn(
  folder: string,
  authority: Issued,
  use: 'server' | 'upload',
  { names = [SERVER_NAME], now = new Date(), ca = authority.certificate } = {},
): Promise<string> {
  const { certificate, key } = await issue(authority, { use, names }, now);
  const files = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca };
  const data = `..${crypto.randomUUID()}`;
  await mkdir(join(folder, data), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, data, name), text);
    await rm(join(folder, name), { force: true });
    await symlink(join('..data', name), join(folder, name));
  }
  // All of it changes at one moment, by a rename.
  await symlink(data, join(folder, '..new'));
  await rename(join(folder, '..new'), join(folder, '..data'));
  return folder;
}
