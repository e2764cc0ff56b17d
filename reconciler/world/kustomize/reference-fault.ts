import { quoted } from '../../core/spec/text.ts';
import type { RepositoryEntry } from '../../ports.ts';
import type { Reference } from './references.ts';

/** What stands where a reference leads. */
export interface Found {
  readonly kind: RepositoryEntry['kind'] | undefined;
  /** Of a folder, whether it has a kustomization file. */
  readonly isKustomization: boolean;
  /** Whether it is in the folder of the kustomization that names it, or below. */
  readonly isWithin: boolean;
}

/** What a reference must not lead out of. */
export type Bounds = 'repository' | 'named folder';

export interface Fault {
  readonly message: string;
  readonly hint: string;
}

/** Why what a reference leads to cannot be read; undefined where it can. */
export function referenceFault(reference: Reference, found: Found): Fault | undefined {
  const name = called(reference);
  const wantsFolder = reference.wants === 'folder' || reference.wants === 'resource';
  switch (found.kind) {
    case undefined:
      return { message: missing(reference), hint: 'Add it, or mend the name.' };
    case 'link':
      return {
        message: `${name} is a symbolic link, and links are not followed.`,
        hint: 'Put a copy of the file or folder there.',
      };
    case 'other':
      return {
        message: `${name} is in another repository, or no plain file.`,
        hint: 'Put the files themselves there.',
      };
    case 'folder': {
      if (!wantsFolder) {
        return { message: `${name} is a folder where a file is asked for.`, hint: 'List the files singly.' };
      }
      if (found.isKustomization) return undefined;
      return {
        message: `The folder ${name} has no kustomization file.`,
        hint: 'List its files, or add a kustomization.yaml there.',
      };
    }
    case 'file': {
      if (reference.wants === 'folder') {
        return {
          message: `${name} is a file where a folder is asked for.`,
          hint: 'List files under resources.',
        };
      }
      if (found.isWithin) return undefined;
      return {
        message: `${name} is outside the folder of its kustomization, from where kustomize reads no files.`,
        hint: 'Move it there, or give its folder a kustomization.yaml and list the folder.',
      };
    }
  }
}

/** That a reference leads to a place of which nothing is read. */
export function outsideFault(reference: Reference, bounds: Bounds): Fault {
  if (bounds === 'named folder') {
    return {
      message: `${called(reference)} leads out of the folder that was named.`,
      hint: 'Name the folder that holds both.',
    };
  }
  return {
    message: `${called(reference)} leads out of the repository.`,
    hint: 'Name a file or folder of this repository, relative to this one.',
  };
}

function missing(reference: Reference): string {
  if (mayBeSecret(reference)) return 'The repository has no such file here.';
  const what = /\.[A-Za-z]{1,5}$/.test(reference.text) ? '' : 'file or folder ';
  return `The repository has no ${what}${quoted(reference.text)} here.`;
}

function called(reference: Reference): string {
  return mayBeSecret(reference) ? 'What is named here' : quoted(reference.text);
}

/** A value that was taken for the name of a file stands where a literal should. */
function mayBeSecret({ path, text }: Reference): boolean {
  return /secret/i.test(String(path[0])) || path.length === 0 || text.includes('=');
}
