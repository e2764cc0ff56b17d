import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bed } from '../bed.ts';
import { type Ended, firstByte, watchMeasured } from '../process.ts';
import { builtPeer } from './build.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Definition extends Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** Their definitions are text, and the API server takes more. */
const LOOSER: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
};

/**
 * kubeconform, with strict schemas of every kind that the bed's API server describes: of each a file of its own, with all
 * that it refers to, as the published ones are made.
 */
export class Kubeconform {
  readonly #program: string;
  readonly #options: readonly string[];

  /** Undefined where it was not built. */
  static async open(bed: Bed): Promise<Kubeconform | undefined> {
    const program = await builtPeer('kubeconform');
    if (program === undefined) return undefined;
    const { definitions } = await bed.cluster.api.json<{ definitions: Readonly<Record<string, Definition>> }>(
      'GET',
      '/openapi/v2',
    );
    const folder = join(bed.folder, 'kubeconform');
    await mkdir(folder);
    for (const [name, definition] of Object.entries(definitions)) {
      const [only, another] = definition['x-kubernetes-group-version-kind'] ?? [];
      // Those of several kinds are options of calls.
      if (only === undefined || another !== undefined) continue;
      const { group, version, kind } = only;
      const suffix = [group.split('.')[0], version].filter((part) => part !== '').join('-');
      const schema = JSON.stringify(selfContained(name, definitions));
      await writeFile(join(folder, `${kind.toLowerCase()}-${suffix}.json`), schema);
    }
    return new Kubeconform(program, folder);
  }

  private constructor(program: string, folder: string) {
    this.#program = program;
    const location = join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json');
    this.#options = ['-strict', '-summary', '-schema-location', location];
  }

  /** Checks the manifests of a folder. Throws where it does not find `objects` of them, all without a fault. */
  async validate(folder: string, objects: number): Promise<Ended> {
    const ended = await watchMeasured(this.#program, [...this.#options, '-output', 'json', folder]);
    const { exitCode, stdout, stderr } = ended;
    if (exitCode !== 0) throw new Error(`kubeconform failed.\n${stdout.slice(0, 2_000)}${stderr}`);
    const { summary } = JSON.parse(stdout) as { summary: { valid: number; skipped: number } };
    if (summary.valid !== objects) throw new Error(`kubeconform checked ${summary.valid} of ${objects}.`);
    return ended;
  }

  /** Milliseconds until it has told the first fault of a file, which is about this word. */
  async firstFinding(file: string, about: string): Promise<number> {
    return await firstByte(this.#program, [...this.#options, file], { about });
  }
}

function selfContained(root: string, definitions: Readonly<Record<string, Definition>>): Schema {
  const needed: Record<string, Schema> = {};
  const take = (name: string): void => {
    if (name in needed) return;
    const definition = LOOSER[name] ?? definitions[name];
    if (definition === undefined) throw new Error(`The API server describes no ${name}.`);
    needed[name] = closed(definition);
    for (const [, next] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) take(next!);
  };
  take(root);
  return { $ref: `#/definitions/${root}`, definitions: needed };
}

/** Nothing but what is described, as `-strict` asks for. */
function closed(definition: Definition): Schema {
  return definition.properties === undefined ? definition : { ...definition, additionalProperties: false };
}
