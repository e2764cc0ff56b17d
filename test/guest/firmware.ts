import { createPrivateKey } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../cluster/certificates.ts';
import { debianRoot } from '../tools/debian/debian-root.ts';
import type { GuestOptions } from './start-guest.ts';

/** Debian's UEFI, and a key of its own that it trusts, whose passphrase is no secret. */
async function firmware(): Promise<string> {
  return await debianRoot({ name: 'guest-firmware', packages: ['ovmf'] });
}

/** The key that guests with Secure Boot trust. */
export async function firmwareKey(): Promise<Identity> {
  const path = join(await firmware(), 'usr/share/ovmf/PkKek-1-snakeoil');
  const [key, certificate] = await Promise.all([
    readFile(`${path}.key`, 'utf8'),
    readFile(`${path}.pem`, 'utf8'),
  ]);
  const plain = createPrivateKey({ key, passphrase: 'snakeoil' }).export({ type: 'pkcs8', format: 'pem' });
  return { certificate, key: plain.toString() };
}

/** What makes a guest start by UEFI with Secure Boot. What it changes of its variables is kept in the folder. */
export async function secureBoot(folder: string): Promise<Pick<GuestOptions, 'machine' | 'qemuArguments'>> {
  const root = join(await firmware(), 'usr/share/OVMF');
  const variables = join(folder, 'variables.fd');
  await cp(join(root, 'OVMF_VARS_4M.snakeoil.fd'), variables);
  const flash = (unit: number, file: string, more = '') => [
    '-drive',
    `if=pflash,unit=${unit},format=raw,file=${file}${more}`,
  ];
  return {
    machine: ['smm=on'],
    qemuArguments: [
      ...flash(0, join(root, 'OVMF_CODE_4M.secboot.fd'), ',readonly=on'),
      ...flash(1, variables),
      '-global',
      'driver=cfi.pflash01,property=secure,value=on',
    ],
  };
}
