import type { CommitOutput, WrittenOutput } from '../../../schemas/output/explanation.ts';
import type { Blame, CommitFacts, Removal } from '../../ports.ts';
import { buildDesired, type BuildContext } from '../desired/build.ts';
import type { ObjectId } from '../kube/object.ts';
import { type Ceilings, parseSpecs } from '../spec/parse.ts';
import type { SourceFile } from '../spec/source.ts';
import type { Explained } from './explain-object.ts';

/** All lines of an explanation, which want to know their commits. */
export function linesIn({ written, fields }: Explained): readonly WrittenOutput[] {
  return [...written, ...fields.flatMap((field) => field.written)];
}

/** The line with the commit that wrote it. */
export function withCommit(line: WrittenOutput, blame: Blame | undefined): WrittenOutput {
  switch (blame?.found) {
    case undefined:
      return line;
    case 'commit':
      return { ...line, commit: commitOutput(blame.commit) };
    case 'uncommitted':
      return { ...line, uncommitted: true };
    case 'older':
      return { ...line, older: blame.why };
  }
}

/** What is told of the commit that took a manifest away, and how to have it back. */
export function withRemoval(explained: Explained, removal: Removal): Explained {
  if (removal.found === 'older') return { ...explained, removed: { older: removal.why } };
  const { commit, before, file } = removal;
  return {
    ...explained,
    removed: { file, commit: commitOutput(commit) },
    toChange: explained.toChange.map((way) =>
      way.startsWith('Restore its manifest')
        ? `Restore its manifest to keep it: git show ${before.slice(0, 7)}:${file}`
        : way,
    ),
  };
}

function commitOutput({ sha, author, date, subject }: CommitFacts): CommitOutput {
  return { sha, author, date: date.toISOString(), subject };
}

/** Whether a file asks for the object, be it with an error. */
export function saysObject(
  id: ObjectId,
  ceilings: Ceilings,
  context: BuildContext,
): (file: SourceFile) => boolean {
  const name = id.split('/').at(-1) ?? '';
  return (file) => {
    // Names of built objects end with the manifest's own.
    const words = name.replace(/^weka-[a-z]+-/, '');
    if (!Buffer.from(file.content).includes(words)) return false;
    const { objects, broken } = buildDesired(parseSpecs([file], ceilings), context);
    return objects.some((each) => each.id === id) || broken.has(id);
  };
}
