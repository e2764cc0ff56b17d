import { Buffer } from 'node:buffer';
import { ApiError } from '../../reconciler/world/kubeapi/errors.ts';
import { APPLY_PATCH, type KubeApi } from '../../reconciler/world/kubeapi/kube-api.ts';
import { intentName, REPORT_KEY, reportName } from '../../schemas/node/config-maps.ts';
import { type IntentSeen, parseIntent } from '../intent.ts';

const FIELD_MANAGER = 'weka-nodeagent';
const OPEN_WITHIN_MS = 15_000;
const TIMEOUT_MS = 15_000;
/** The answer is a report of the largest size in base64, and what is around it. When to try again is for the agent to say. */
const ONCE = { timeoutMs: TIMEOUT_MS, maxBytes: 4 << 20, tries: 1 };

export interface ReadIntent {
  readonly seen: IntentSeen;
  /** Version of the ConfigMap; undefined where there is none. */
  readonly version: string | undefined;
}

/** The report as the cluster has it. */
export interface ReadReport {
  readonly packed: Uint8Array;
  /** Version of the ConfigMap. */
  readonly version: string | undefined;
}

/** All that the agent of one node asks of the API server. */
export interface NodeConfigMaps {
  readIntent(signal: AbortSignal): Promise<ReadIntent>;
  /** Versions of the intent's ConfigMap as they come to be, until the API server ends it after so many seconds; undefined says only that it is still there. */
  watchIntent(seconds: number, signal: AbortSignal): Promise<AsyncIterable<string | undefined>>;
  /** Undefined where there is none. */
  readReport(signal: AbortSignal): Promise<ReadReport | undefined>;
  /** Writes it unless the ConfigMap is of another version than `before` by now, and gives the new version. */
  writeReport(
    packed: Uint8Array,
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

interface ConfigMap {
  readonly metadata: { readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export function nodeConfigMaps(api: KubeApi, namespace: string, node: string): NodeConfigMaps {
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

  const read = async (name: string, signal: AbortSignal): Promise<ConfigMap | undefined> => {
    try {
      return await api.request<ConfigMap>('GET', `${all}/${name}`, { ...ONCE, signal });
    } catch (error) {
      if (error instanceof ApiError && error.absent) return undefined;
      throw error;
    }
  };

  return {
    async readIntent(signal) {
      const found = await read(intentName(node), signal);
      if (found === undefined) return { seen: { state: 'none' }, version: undefined };
      return { seen: parseIntent(found), version: found.metadata.resourceVersion };
    },
    async watchIntent(seconds, signal) {
      const fieldSelector = `metadata.name=${intentName(node)}`;
      const query = {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.round(seconds),
        fieldSelector,
      };
      return versions(await api.watch(all, { query, signal, openWithinMs: OPEN_WITHIN_MS }));
    },
    async readReport(signal) {
      const found = await read(reportName(node), signal);
      if (found === undefined) return undefined;
      const packed = Buffer.from(found.binaryData?.[REPORT_KEY] ?? '', 'base64');
      return { packed, version: found.metadata.resourceVersion };
    },
    async writeReport(packed, before, signal) {
      const name = reportName(node);
      const version = before === undefined ? {} : { resourceVersion: before };
      const written = await api.request<ConfigMap>('PATCH', `${all}/${name}`, {
        ...ONCE,
        // Nobody else has anything to say in it.
        query: { fieldManager: FIELD_MANAGER, force: true },
        contentType: APPLY_PATCH,
        // What was sent need not come back.
        accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
        body: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace, ...version },
          binaryData: { [REPORT_KEY]: Buffer.from(packed).toString('base64') },
        },
        signal,
      });
      return written.metadata.resourceVersion;
    },
  };
}

async function* versions(events: Awaited<ReturnType<KubeApi['watch']>>): AsyncGenerator<string | undefined> {
  for await (const event of events) {
    yield event.type === 'BOOKMARK' ? undefined : event.object.metadata.resourceVersion;
  }
}
