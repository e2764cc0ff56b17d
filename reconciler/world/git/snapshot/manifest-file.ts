import type { Finding } from '../../../core/spec/finding.ts';
import { describeBytes, type Limits } from '../limits.ts';

const MANIFEST = /\.(ya?ml|json)$/i;
const LFS = Buffer.from('version https://git-lfs.github.com/spec/');

export function isManifest(name: string): boolean {
  // The one file that kustomize takes without an ending.
  return MANIFEST.test(name) || name === 'Kustomization';
}

/** Names that begin with a dot are other programs' own: `.git`, `.github`, `.sops.yaml`. */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** Whether a name can be printed, and written in a path: no control character, no slash, and valid UTF-8. */
export function isPlainName(name: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f\ufffd/\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(name);
}

/** A file that is not read, or is not a manifest though it is named like one. The finding stands at its first line. */
function refused(rule: string, file: string, message: string, hint: string): Finding {
  return { level: 'error', rule, file, line: 1, column: 1, message, hint };
}

export function symlinkFinding(file: string): Finding {
  return refused(
    'symlink',
    file,
    'This is a symbolic link, and links are not followed.',
    'Put a copy of the file or folder here, or give the link a name that begins with a dot to have it skipped.',
  );
}

export function submoduleFinding(file: string): Finding {
  return refused(
    'submodule',
    file,
    'This is a submodule, and other repositories are not read.',
    'Copy the manifests into this repository, or run a second weka-gitops for the other one.',
  );
}

export function nameFinding(folder: string, name: string): Finding {
  const shown = name.replace(/[^\u0020-\u007e]|\//g, '?');
  return refused(
    'file-name',
    folder === '' ? shown : `${folder}/${shown}`,
    'The name of this file is not valid UTF-8, or holds characters that cannot be printed.',
    'Rename it; what cannot be shown here stands as a question mark.',
  );
}

export function sizeFinding(file: string, bytes: number, { fileBytes }: Limits): Finding {
  return refused(
    'file-too-large',
    file,
    `The file has ${describeBytes(bytes)}, and at most ${describeBytes(fileBytes)} are read.`,
    'Split it into several files, or keep what is not a manifest elsewhere.',
  );
}

/** A file of another kind; neither a program, a folder nor a plain file. */
export function specialFileFinding(file: string): Finding {
  return refused('special-file', file, 'This is not a plain file.', 'Remove it, or put a plain file here.');
}

/** What is wrong with a file's content before it is even parsed. */
export function contentFinding(file: string, content: Uint8Array): Finding | undefined {
  if (Buffer.compare(content.subarray(0, LFS.length), LFS) !== 0) return undefined;
  return refused(
    'lfs-pointer',
    file,
    'The manifest itself is in Git LFS; this is only a pointer to it.',
    'Manifests are small: git lfs untrack it, and commit the file itself.',
  );
}
