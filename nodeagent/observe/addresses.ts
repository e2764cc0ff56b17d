/** Network interfaces as Node tells them. */
export type Interfaces = Readonly<
  Record<string, readonly { readonly address: string; readonly cidr: string | null }[] | undefined>
>;

/** Addresses with their prefix by interface, in order. Link-local ones are left out: they follow from the hardware's. */
export function interfaceAddresses(interfaces: Interfaces): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const [label, addresses = []] of Object.entries(interfaces)) {
    // `eth0:1` labels further addresses of eth0.
    const name = label.split(':')[0] ?? label;
    const all = found.get(name) ?? new Set();
    for (const { address, cidr } of addresses) if (!isLinkLocal(address)) all.add(cidr ?? address);
    found.set(name, all);
  }
  return new Map([...found].map(([name, all]) => [name, [...all].toSorted()]));
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address) || address.startsWith('169.254.');
}
