/** Whether the process's configuration lets this registry of driver packages be asked; any where `allowed` is unset. */
export function isAllowedRegistry(registry: string, allowed: readonly string[] | undefined): boolean {
  return allowed === undefined || allowed.some((each) => plain(each) === plain(registry));
}

/** One spelling for all that lead to the same place. */
function plain(address: string): string {
  return address.replace(/\/+$/, '').toLowerCase();
}
