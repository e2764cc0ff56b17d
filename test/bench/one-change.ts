/** Reads many manifests as `run` does, then again and again with one file changed, and prints how long each took. */
import { type PassConfig, preparedOnce } from '../../reconciler/assess.ts';
import type { SourceFile } from '../../reconciler/core/spec/source.ts';
import type { CommitSha, Snapshot } from '../../reconciler/ports.ts';
import { FILE_OBJECTS, applicationFiles } from './manifests.ts';

/** Milliseconds of each change. */
export type ChangeTimes = readonly number[];

const FILES = 1_000;
const CHANGES = 25;

const CONFIG: PassConfig = {
  cluster: 'bench',
  ref: 'main',
  installation: { name: 'bench', namespace: 'bench-system', image: 'registry.example.com/weka-gitops:1' },
  ceilings: { kinds: [] },
  version: '0',
};

let versions = 0;

function sourceFile(path: string, text: string): SourceFile {
  // In place of git's name for the content: all are different.
  return { path, content: Buffer.from(text), oid: `${++versions}` };
}

function snapshotOf(files: Iterable<SourceFile>): Snapshot {
  const commit = `${versions}`.padStart(40, '0') as CommitSha;
  return { commit, author: 'bench', subject: 'bench', files: [...files], findings: [] };
}

function changeTimes(): ChangeTimes {
  const prepare = preparedOnce();
  const texts = Object.entries(applicationFiles('applications', FILES));
  const files = new Map(texts.map(([path, text]) => [path, sourceFile(path, text)]));
  prepare(snapshotOf(files.values()), CONFIG);
  return texts.slice(0, CHANGES).map(([path, text], change) => {
    const edition = `"edition ${change}"`;
    files.set(path, sourceFile(path, text.replaceAll('edition: "first"', `edition: ${edition}`)));
    const snapshot = snapshotOf(files.values());
    const started = performance.now();
    const { built } = prepare(snapshot, CONFIG);
    const time = performance.now() - started;
    // What sees no change is fast for the wrong reason.
    const changed = built.objects.filter(({ object }) => JSON.stringify(object).includes(edition));
    if (changed.length !== 4 || built.objects.length !== FILES * FILE_OBJECTS) {
      throw new Error(`${changed.length} of ${built.objects.length} objects were seen to change.`);
    }
    return time;
  });
}

process.stdout.write(JSON.stringify(changeTimes()));
