import { readFile } from 'node:fs/promises';
import { Ajv, type ValidateFunction } from 'ajv';
import { exampleOf, type Schema, withNull, withoutOthers } from './described-schema.ts';
import { githubDescription } from './github-description.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
  readonly 'x-multi-segment'?: boolean;
}

interface Media {
  readonly schema?: Schema;
}

interface Described {
  readonly $ref?: string;
  readonly parameters?: readonly (Parameter & { readonly $ref?: string })[];
  readonly requestBody?: { readonly required?: boolean; readonly content?: Readonly<Record<string, Media>> };
  readonly responses?: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

/** One of the things that GitHub can be asked for. */
export interface Operation {
  /** `GET /repos/{owner}/{repo}`. */
  readonly route: string;
  /** What stands in the path for the names in the route. */
  readonly path: Readonly<Record<string, string>>;
  readonly described: Described;
}

/** How often what was sent has been compared with the description. */
export interface Checks {
  requests: number;
  answers: number;
  /** Answers that are no part of the description of the route, but of GitHub’s general one: limits, refusals. */
  general: number;
  readonly routes: Set<string>;
}

/** Statuses that any route may be answered with, as the general part of GitHub’s documentation has it. */
const GENERAL = new Set([304, 401, 403, 404, 409, 422, 429, 500, 502, 503]);

/**
 * Where GitHub sends null though its description does not say so: the repository of a head where the fork is gone, and
 * the line of a review comment whose line is shown no more.
 */
const ALSO_NULL = [
  'components.schemas.pull-request-simple.properties.head.properties.repo',
  'components.schemas.pull-request.properties.head.properties.repo',
  'components.schemas.pull-request-review-comment.properties.line',
];

type Loose = Record<string, unknown>;

/** GitHub’s own description of its API, against which requests and answers are checked. */
export class Contract {
  readonly checks: Checks = { requests: 0, answers: 0, general: 0, routes: new Set() };
  readonly #document: Document;
  readonly #routes: readonly {
    readonly pattern: RegExp;
    readonly template: string;
    readonly literal: number;
  }[];
  readonly #ajv: Ajv;
  readonly #validators = new Map<string, ValidateFunction>();

  private constructor(document: Document) {
    this.#document = document;
    this.#routes = Object.keys(document.paths)
      .map((template) => ({ template, ...matcherOf(template, this.#isLong(document.paths[template]!)) }))
      .sort((a, b) => b.literal - a.literal);
    this.#ajv = new Ajv({ strict: false, validateSchema: false, allErrors: false });
    const when = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
    this.#ajv.addFormat('date-time', (text: string) => when.test(text) && !Number.isNaN(Date.parse(text)));
    this.#ajv.addFormat('uri', (text: string) => URL.canParse(text));
    for (const name of ['uri-template', 'repo.nwo', 'binary', 'date', 'email', 'int64', 'int32', 'double']) {
      this.#ajv.addFormat(name, true);
    }
    this.#ajv.addSchema(document, 'github');
  }

  static async load(): Promise<Contract> {
    const text = await readFile(await githubDescription(), 'utf8');
    const document = withNull(JSON.parse(text)) as Loose & {
      readonly paths: Readonly<Record<string, Readonly<Record<string, Loose>>>>;
    };
    for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
      if (operation['requestBody'] !== undefined)
        operation['requestBody'] = withoutOthers(operation['requestBody']);
    }
    for (const path of ALSO_NULL) {
      const names = path.split('.');
      const last = names.pop()!;
      const parent = names.reduce((value, name) => value[name] as Loose, document as Loose);
      if (parent[last] === undefined) throw new Error(`The description has no ${path} any more.`);
      parent[last] = { anyOf: [parent[last], { type: 'null' }] };
    }
    return new Contract(document);
  }

  /** What a request asks for; undefined where GitHub has no such route. */
  operation(method: string, path: string): Operation | undefined {
    for (const { template, pattern } of this.#routes) {
      const match = pattern.exec(path);
      const described = this.#document.paths[template]?.[method.toLowerCase()];
      if (match === null || described === undefined) continue;
      const names = [...template.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);
      const values = names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)] as const);
      return { route: `${method} ${template}`, path: Object.fromEntries(values), described };
    }
    return undefined;
  }

  /** What is wrong with a request, in words. */
  requestFaults({ route, described }: Operation, query: URLSearchParams, body: unknown): string[] {
    this.checks.requests++;
    this.checks.routes.add(route);
    const faults: string[] = [];
    const known = this.#parameters(described).filter((each) => each.in === 'query');
    for (const [name, text] of query) {
      const parameter = known.find((each) => each.name === name);
      if (parameter === undefined) faults.push(`the query has ${name}, which is not described`);
      else if (
        !this.#isValid(`query ${route} ${name}`, parameter.schema ?? {}, typed(text, parameter.schema))
      ) {
        faults.push(`${name}=${text} is not as described`);
      }
    }
    if (Number(query.get('per_page') ?? 1) > 100) faults.push('per_page is more than 100');
    for (const { name, required } of known) {
      if (required === true && !query.has(name)) faults.push(`the query lacks ${name}`);
    }
    const { requestBody } = described;
    const schema = requestBody?.content?.['application/json']?.schema;
    if (schema === undefined) {
      if (body !== undefined) faults.push('there is a body, and none is described');
    } else if (body !== undefined || requestBody?.required === true) {
      const fault = this.#fault(`body ${route}`, schema, body);
      if (fault !== undefined) faults.push(`the body is not as described: ${fault}`);
    }
    return faults;
  }

  /** What is wrong with an answer, in words. */
  answerFaults(operation: Operation, status: number, body: unknown): string[] {
    const schema = this.#answerSchema(operation, status);
    if (schema === 'none') {
      this.checks.answers++;
      return body === undefined ? [] : [`an answer of ${status} has a body, and none is described`];
    }
    if (schema !== undefined) {
      this.checks.answers++;
      const fault = this.#fault(`answer ${operation.route} ${status}`, schema, body);
      return fault === undefined ? [] : [`the answer of ${status} is not as described: ${fault}`];
    }
    if (!GENERAL.has(status)) return [`an answer of ${status} is not described`];
    this.checks.general++;
    const basic = this.#lookUp('#/components/schemas/basic-error');
    const fault = body === undefined ? undefined : this.#fault('answer basic-error', basic, body);
    return fault === undefined ? [] : [`the answer of ${status} is no error of GitHub’s: ${fault}`];
  }

  /** An answer as it is described, with `known` in it. */
  example(operation: Operation, status: number, known: unknown): unknown {
    const schema = this.#answerSchema(operation, status);
    if (schema === undefined || schema === 'none') return known;
    return exampleOf(schema, known, (ref) => this.#lookUp(ref));
  }

  #parameters({ parameters = [] }: Described): readonly Parameter[] {
    return parameters.map((each) =>
      each.$ref === undefined ? each : (this.#lookUp(each.$ref) as unknown as Parameter),
    );
  }

  /** Whether the last name in a route stands for several segments of the path. */
  #isLong(path: Readonly<Record<string, Described>>): boolean {
    return Object.values(path).some((operation) =>
      this.#parameters(operation).some((each) => each['x-multi-segment']),
    );
  }

  #answerSchema({ described }: Operation, status: number): Schema | 'none' | undefined {
    const given = described.responses?.[status] as { $ref?: string } | undefined;
    if (given === undefined) return undefined;
    const response = given.$ref === undefined ? given : this.#lookUp(given.$ref);
    const { content } = response as { content?: Readonly<Record<string, Media>> };
    return content === undefined ? 'none' : content['application/json']?.schema;
  }

  #fault(key: string, schema: Schema, value: unknown): string | undefined {
    if (this.#isValid(key, schema, value)) return undefined;
    const [error] = this.#validators.get(key)?.errors ?? [];
    return `${error?.instancePath || 'all of it'} ${error?.message} ${JSON.stringify(error?.params)}`;
  }

  #isValid(key: string, schema: Schema, value: unknown): boolean {
    let validate = this.#validators.get(key);
    if (validate === undefined) {
      validate = this.#ajv.compile(absolute(schema) as object);
      this.#validators.set(key, validate);
    }
    return validate(value);
  }

  #lookUp(ref: string): Schema {
    const names = ref.replace(/^#\//, '').split('/');
    return names.reduce<unknown>(
      (value, name) => (value as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
      this.#document,
    ) as Schema;
  }
}

/** A schema that is compiled by itself, whose references are those of the whole description. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === '$ref' && typeof each === 'string' ? each.replace(/^#/, 'github#') : absolute(each),
    ]),
  );
}

function matcherOf(template: string, isLong: boolean) {
  const segments = template.split('/');
  const pattern = segments.map((segment, index) => {
    if (!segment.startsWith('{')) return segment.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
    return isLong && index === segments.length - 1 ? '(.+)' : '([^/]+)';
  });
  return {
    pattern: new RegExp(`^${pattern.join('/')}$`),
    literal: segments.filter((segment) => !segment.startsWith('{')).length,
  };
}

function typed(text: string, schema: Schema | undefined): unknown {
  if (schema?.type === 'integer' || schema?.type === 'number')
    return /^-?\d+$/.test(text) ? Number(text) : text;
  if (schema?.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
