import { type Mend, mend } from './answer.ts';
import type { Family } from './system.ts';

/** A package by the name that each family of systems has for it. */
interface PackageNames {
  readonly debian: string;
  readonly 'red-hat': string;
  readonly suse: string;
}

/** Installs a package on a node of a family; words alone where systems are changed otherwise. */
export function installing(
  what: string,
  names: PackageNames,
  { family, id }: { readonly family: Family | undefined; readonly id?: string | undefined },
): Mend {
  switch (family) {
    case 'debian':
      return mend(
        `Install ${what} on the node.`,
        `sudo apt-get update && sudo apt-get install -y ${names.debian}`,
      );
    case 'red-hat':
      // Amazon Linux 2 has no dnf, and its yum is there under this name on all of them.
      return mend(
        `Install ${what} on the node.`,
        `sudo ${id === 'amzn' ? 'yum' : 'dnf'} install -y ${names['red-hat']}`,
      );
    case 'suse':
      return mend(`Install ${what} on the node.`, `sudo zypper --non-interactive install ${names.suse}`);
    case 'rhcos':
      return mend(`Add ${what} to the nodes by a MachineConfig with an extension, or by an image layer.`);
    case 'cos':
      return mend(
        `Choose a node image that has ${what}: nothing can be installed on Container-Optimized OS.`,
      );
    case 'nixos':
      return mend(`Add ${what} to environment.systemPackages, and rebuild the system.`);
    case undefined:
      return mend(`Install ${what} on the node with the package manager of its system.`);
  }
}

/** A MachineConfig for workers, as a command that applies it. */
export function machineConfig(name: string, spec: readonly string[]): string {
  return heredoc([
    'apiVersion: machineconfiguration.openshift.io/v1',
    'kind: MachineConfig',
    'metadata:',
    `  name: ${name}`,
    '  labels: { machineconfiguration.openshift.io/role: worker }',
    'spec:',
    ...spec.map((line) => `  ${line}`),
  ]);
}

/** A command that applies a manifest. */
export function heredoc(lines: readonly string[]): string {
  return ["kubectl apply -f - <<'EOF'", ...lines, 'EOF'].join('\n');
}

/**
 * A command that has texts of others in it: none at all where one of them cannot stand in a line that people copy. What a
 * node tells may come from whoever stole its token, so that each is one word of the shell, and none begins with a dash.
 */
export function commandOf(parts: TemplateStringsArray, ...texts: readonly string[]): readonly string[] {
  if (texts.some((text) => !isOneLine(text))) return [];
  return [String.raw({ raw: parts }, ...texts.map(shellWord))];
}

/** Whether a text has only what is printed as it is, within the line that it stands in. */
export function isOneLine(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text);
}

/** A text of one line as one word of a shell. */
export function shellWord(text: string): string {
  const word = text.startsWith('-') ? `./${text}` : text;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether a text is a name that may stand in a command as it is. */
export function isPlainName(text: string): boolean {
  return /^\w[\w.-]{0,62}$/.test(text);
}
