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

/**
 * The cloud kernels of Debian, in `boot/`, their modules, and what modules are built with for them. Kernels go from the archive when
 * newer ones come, so that headers that are asked for later may be of others.
 */
export async function guestKernels(): Promise<string> {
  assertAmd64();
  const ofKernels = ['6.12-', ''].flatMap((version) =>
    ['image', 'headers'].map((part) => `linux-${part}-${version}cloud-amd64`),
  );
  return await debianRoot({
    name: 'guest-kernels',
    packages: ['?essential', 'bash', 'make', 'mount', ...ofKernels],
  });
}

function assertAmd64(): void {
  const architecture = debianArchitecture();
  if (architecture === 'amd64') return;
  throw new Error(
    `Guests need an amd64 machine, and this one is ${architecture}: run their tests elsewhere.`,
  );
}
