/** The address of the PCI device that a device hangs on, by its path in `/sys/devices`; undefined where it is on none. */
export function pciAddressOf(devicePath: string): string | undefined {
  return devicePath
    .split('/')
    .findLast((part) => /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(part));
}

/** `15b3:101d` of the files `vendor` and `device`, which say `0x15b3` and `0x101d`. */
export function pciId(vendor: string, device: string): string | undefined {
  const [, left] = /^0x([0-9a-f]{4})\s*$/.exec(vendor) ?? [];
  const [, right] = /^0x([0-9a-f]{4})\s*$/.exec(device) ?? [];
  return left === undefined || right === undefined ? undefined : `${left}:${right}`;
}
