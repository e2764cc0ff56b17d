/** Whether Kubernetes takes the text as a key of labels and taints: a name, with a DNS domain and `/` before it or not. */
export function isLabelKey(text: string): boolean {
  const parts = text.split('/');
  if (parts.length > 2) return false;
  const [domain, name] = parts.length === 2 ? parts : [undefined, parts[0]];
  if (name === undefined || !isName(name)) return false;
  if (domain === undefined) return true;
  return (
    domain.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(domain)
  );
}

/** Whether Kubernetes takes the text as the value of a label. */
export function isLabelValue(text: string): boolean {
  return text === '' || isName(text);
}

function isName(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text);
}
