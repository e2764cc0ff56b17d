import { debianArchitecture } from '../tools/debian/architecture.ts';
import { debianRoot } from '../tools/debian/debian-root.ts';

/** The programs that make images and run guests. */
export async function hostTools(): Promise<string> {
  assertAmd64();
  return await debianRoot({ name: 'guest-tools', packages: ['e2fsprogs', 'qemu-system-x86'] });
}

/** What a guest has beside its kernel: BusyBox, kmod, and the libraries that Node needs. */
export async function guestSystem(): Promise<string> {
  return await debianRoot({
    name: 'guest-system',
    packages: ['base-files', 'busybox-static', 'kmod', 'libstdc++6'],
  });
}

/** The cloud kernels of Debian, in `boot/`, and their modules. */
export async function guestKernels(): Promise<string> {
  assertAmd64();
  return await debianRoot({
    name: 'guest-kernels',
    packages: ['linux-image-cloud-amd64', 'linux-image-6.12-cloud-amd64'],
  });
}

function assertAmd64(): void {
  const architecture = debianArchitecture();
  if (architecture === 'amd64') return;
  throw new Error(
    `Guests need an amd64 machine, and this one is ${architecture}: run their tests elsewhere.`,
  );
}
