import { describe, expect, it } from 'vitest';
import { schemaAt } from '../../reconciler/core/spec/rules/schema-fields.ts';
import { SPEC_KINDS } from '../../schemas/spec.ts';

/** What fields of the vendor's kinds take beyond their type, and what they do not. */
const FIELDS: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
  ['WekaCluster.spec.network.netmask', [0, 24, 64, 128], ['24', '99', -1, 129, 24.5]],
  [
    'WekaCluster.spec.network.deviceSubnets.0',
    ['10.0.0.0/8', '192.168.10.0/24', '0.0.0.0/0', 'fd00::/64', '::/0'],
    ['10.0.0.0/33', '999.0.0.0/8', '10.0.0/8', '10.0.0.0', 'fd00::/129', 'foo', '', '010.0.0.0/8'],
  ],
  ['WekaClient.spec.network.selectors.0.subnet', ['10.0.0.0/16', ''], ['foo', '10.0.0.0/40']],
  ['WekaContainer.spec.network.managementIpsSelectors.0.subnet', ['10.0.0.0/16', ''], ['foo']],
  ['WekaCluster.spec.csiConfig.endpointsSubnets.0', ['10.0.0.0/16'], ['foo', '']],
  ['WekaCluster.spec.network.gateway', ['10.0.0.1', 'fd00::1', ''], ['nope', '10.0.0.256', '10.0.0.1/24']],
  [
    'WekaCluster.spec.wekaHome.endpoint',
    [
      'https://api.home.weka.io',
      'http://home.example.com:8080/path',
      'HTTPS://home',
      'https://[fd00::1]',
      '',
    ],
    ['home.example.com', 'ftp://home.example.com', 'https://', 'https:// home'],
  ],
  ['WekaCluster.spec.telemetry.exports.0.splunk.endpoint', ['https://splunk:8088'], ['foo', '']],
  ['WekaCluster.spec.encryption.vault.address', ['https://vault.example.com:8200'], ['vault', '']],
  [
    'WekaPolicy.spec.payload.remoteTracesSessionPayload.wekahomeEndpointOverride',
    ['https://home.example.com', ''],
    ['home.example.com'],
  ],
  ['WekaCluster.spec.catalog.indexInterval', ['1d', '12h', '1d12h', '2w', ''], ['1x', '5', 'daily']],
  ['WekaCluster.spec.catalog.retentionPeriod', ['30d', '1y'], ['long']],
  ['WekaClient.spec.cpuRequest', ['500m', '2', '1.5', ''], ['lots', '2 cores', 2]],
  [
    'WekaCluster.spec.dynamicTemplate.clusterCapacity',
    ['500TiB', '8000g', '500t', '300tib', '300TIB', '8000gb', '1.5 PiB', '300 TB', '1000000', '500T', '10B'],
    ['lots', '5XB', '-5TiB', 'TiB', '5 T iB', 500],
  ],
];

describe.each(FIELDS)('%s', (field, good, bad) => {
  const [kind, ...path] = field.split('.');
  const root = SPEC_KINDS.find((each) => each.kind === kind)?.schema;
  const schema =
    root &&
    schemaAt(
      root,
      path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    );
  const takes = (value: unknown): boolean | undefined => schema?.safeParse(value).success;

  it.each(good.map((value) => [value]))('takes %j', (value) => {
    expect(takes(value)).toBe(true);
  });

  it.each(bad.map((value) => [value]))('does not take %j', (value) => {
    expect(takes(value)).toBe(false);
  });
});
