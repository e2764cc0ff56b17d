import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { keyedMark, plainMark } from '../../../../reconciler/core/plan/mark.ts';
import { hideInText } from '../../../../reconciler/core/plan/secret-text.ts';
import { ARGUMENT_LISTS } from '../../../support/secret-arguments.ts';

const content = (text: string) => hideInText(text, plainMark, 'content');
const sentence = (text: string) => hideInText(text, plainMark, 'sentence');

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc=\n-----END RSA PRIVATE KEY-----';

describe('in a text', () => {
  it.each([
    ['https://jane:hunter2@example.com/a', 'https://jane:(hidden)@example.com/a'],
    [
      'see https://jane:hunter2@example.com and http://b',
      'see https://jane:(hidden)@example.com and http://b',
    ],
    ['postgres://app:p@ss/w@db:5432/x', 'postgres://app:(hidden)@db:5432/x'],
    ['https://ghs@example.com/a.git', 'https://(hidden)@example.com/a.git'],
    ['redis://:hunter2@cache', 'redis://:(hidden)@cache'],
    ['"amqp://a:hunter2@b"', '"amqp://a:(hidden)@b"'],
    ['--password=hunter2 --user=jane', '--password=(hidden) --user=jane'],
    ['run --password hunter2 --user jane', 'run --password (hidden) --user jane'],
    ['--from-literal=password=hunter2', '--from-literal=password=(hidden)'],
    ['curl -u jane:hunter2 https://a', 'curl -u jane:(hidden) https://a'],
    ['https://a/b?token=hunter2&x=1', 'https://a/b?token=(hidden)'],
    ['Authorization: Bearer abcdefghijk12', 'Authorization: Bearer (hidden)'],
    ['Authorization: Token abc', 'Authorization: Token (hidden)'],
    ['authorization: ApiKey x-y=z', 'authorization: ApiKey (hidden)'],
    ['curl -H "Authorization: Token abc" https://a', 'curl -H "Authorization: Token (hidden)" https://a'],
    ['{"Authorization":"Token abc","x":1}', '{"Authorization":"Token (hidden)","x":1}'],
    ['Authorization: Negotiate YIIZ\nnext: 1', 'Authorization: Negotiate (hidden)\nnext: 1'],
    ['Authorization: Digest username="jane", response="66"', 'Authorization: Digest (hidden)'],
    ['Authorization: HMAC Credential=a/b, Signature=fe5', 'Authorization: HMAC (hidden)'],
    ['mysql -h db -u jane -phunter2 app', 'mysql -h db -u jane -p(hidden) app'],
    ['mysqldump --opt -p"hunter2" app', 'mysqldump --opt -p"(hidden)" app'],
    ['sshpass -p hunter2 ssh a', 'sshpass -p (hidden) ssh a'],
    ['sshpass -phunter2 ssh -p 2222 a', 'sshpass -p(hidden) ssh -p 2222 a'],
    ['curl -s -ujane:hunter2 https://a', 'curl -s -ujane:(hidden) https://a'],
    ['curl -u jane:1234 https://a', 'curl -u jane:(hidden) https://a'],
    ['mongodump -u jane -p hunter2 --db a', 'mongodump -u jane -p (hidden) --db a'],
    ['ldapsearch -D cn=a -w hunter2 x', 'ldapsearch -D cn=a -w (hidden) x'],
    ['docker login -u jane -p hunter2 quay.io', 'docker login -u jane -p (hidden) quay.io'],
    ['redis-server --requirepass hunter2', 'redis-server --requirepass (hidden)'],
    ['CMD ["mysql", "-u", "jane", "-phunter2"]', 'CMD ["mysql", "-u", "jane", "-p(hidden)"]'],
    ['args: [mysql, -phunter2, app]', 'args: [mysql, -p(hidden), app]'],
    ['{"args":["--password","hunter2","x"]}', '{"args":["--password","(hidden)","x"]}'],
    ['{\\"args\\":[\\"-p\\",\\"hunter2\\"]}', '{\\"args\\":[\\"-p\\",\\"(hidden)\\"]}'],
    ["['curl', '-u', 'jane:hunter2']", "['curl', '-u', 'jane:(hidden)']"],
    ['["env", "A_TOKEN=hunter2", "run"]', '["env", "A_TOKEN=(hidden)", "run"]'],
    ['[--from, "password=", "hunter2"]', '[--from, "password=", "(hidden)"]'],
    [
      '{"args":["-phunter2"],"command":["/usr/bin/mysql"]}',
      '{"args":["-p(hidden)"],"command":["/usr/bin/mysql"]}',
    ],
    ['command: [sshpass, -p]\nargs:\n- hunter2\n- ssh', 'command: [sshpass, -p]\nargs:\n- (hidden)\n- ssh'],
    ['args:\n  - --password\n  - hunter2\n  - x', 'args:\n  - --password\n  - (hidden)\n  - x'],
    ['- "-p"\n# it is\n- "hunter2" # so\n- x', '- "-p"\n# it is\n- "(hidden)" # so\n- x'],
    ['- --token\n- |\n  one\n  two\n- x', '- --token\n- |\n  (hidden)\n- x'],
    ['redis-cli -h cache -a hunter2 ping', 'redis-cli -h cache -a (hidden) ping'],
    ['machine a login jane password hunter2', 'machine a login jane password (hidden)'],
    ['jane:hunter2@tcp(db:3306)/app', 'jane:(hidden)@tcp(db:3306)/app'],
    ['https://a/b?sv=1&sig=aBcDeFgH%2B1%3D&se=2', 'https://a/b?sv=1&sig=(hidden)&se=2'],
    ['{"user":"jane","password":"hun\\"ter2","x":1}', '{"user":"jane","password":"(hidden)","x":1}'],
    ['{\\"password\\":\\"hunter2\\",\\"x\\":1}', '{\\"password\\":\\"(hidden)\\",\\"x\\":1}'],
    ['Server=a;Password="hunter 2";X=1', 'Server=a;Password="(hidden)";X=1'],
    [`key: ghp_${'a1'.repeat(18)}`, 'key: (hidden)'],
    [`before\n${PEM}\nafter`, 'before\n(hidden)\nafter'],
    [Buffer.from(PEM).toString('base64'), '(hidden)'],
    ['<property name="password" value="hunter2"/>', '<property name="password" value="(hidden)"/>'],
    ['<add value="hunter2" key="DbPassword" />', '<add value="(hidden)" key="DbPassword" />'],
    ['<property name="password">hunter2</property>', '<property name="password">(hidden)</property>'],
    ['"<add key=\\"token\\" value=\\"hunter2\\"/>"', '"<add key=\\"token\\" value=\\"(hidden)\\"/>"'],
    ["CREATE USER a IDENTIFIED BY 'hun''ter2';", "CREATE USER a IDENTIFIED BY '(hidden)';"],
    ['alter user a identified by "hunter2"', 'alter user a identified by "(hidden)"'],
    ["CREATE ROLE a WITH PASSWORD 'hunter2' LOGIN", "CREATE ROLE a WITH PASSWORD '(hidden)' LOGIN"],
    ["SET PASSWORD FOR 'a'@'%' = PASSWORD('hunter2')", "SET PASSWORD FOR 'a'@'%' = PASSWORD('(hidden)')"],
    ['ENV PASSWORD hunter 2\nRUN a', 'ENV PASSWORD (hidden)\nRUN a'],
    ['a && export TOKEN hunter2', 'a && export TOKEN (hidden)'],
    ['setenv DB_PASS "hunter2"', 'setenv DB_PASS "(hidden)"'],
    ['requirepass hunter2\nport 1', 'requirepass (hidden)\nport 1'],
    ['a 1\nrootpw --iscrypted $6$abc', 'a 1\nrootpw --iscrypted (hidden)'],
    ['https://maps/a?key=hunter2hunter2&x=1', 'https://maps/a?key=(hidden)&x=1'],
    [
      'https://a.azurewebsites.net/api/f?code=hunter2hunter2==',
      'https://a.azurewebsites.net/api/f?code=(hidden)',
    ],
    ['https://hooks.slack.com/services/T00/B00/hunter2', 'https://hooks.slack.com/services/(hidden)'],
    ['https://discord.com/api/webhooks/12/hunter2hunter2', 'https://discord.com/api/webhooks/12/(hidden)'],
    ['https://api.telegram.org/bot12:hunter2hunter2/send', 'https://api.telegram.org/bot12:(hidden)/send'],
    ['weka user login admin hunter2', 'weka user login admin (hidden)'],
    ["weka user add jane regular 'hunter2'", "weka user add jane regular '(hidden)'"],
    ['weka user passwd hunter2 --username jane', 'weka user passwd (hidden) --username jane'],
    ['ftp://hunter2@a/b', 'ftp://(hidden)@a/b'],
    ['{"auths":{"quay.io":{"auth":"amFuZTpodW50ZXIy"}}}', '{"auths":{"quay.io":{"auth":"(hidden)"}}}'],
  ])('%s is read as %s', (text, shown) => {
    expect(content(text)).toBe(shown);
    expect(sentence(text)).toBe(shown);
  });

  it.each([
    ['password: correct horse # battery', 'password: (hidden)'],
    ['a: 1\npassword: hunter2\nb: 2\n', 'a: 1\npassword: (hidden)\nb: 2\n'],
    ['db.password = hunter2 with blanks\nx=1', 'db.password = (hidden)\nx=1'],
    ['export TOKEN=abc\nrun', 'export TOKEN=(hidden)\nrun'],
    ['password: |\n  one\n\n  two\nnext: 1\n', 'password: |\n  (hidden)\nnext: 1\n'],
    ['password:\n  hunter2\nnext: 1', 'password:\n  (hidden)\nnext: 1'],
    ['tokens:\n  - one\n  - two\nnext: 1', 'tokens:\n  (hidden)\nnext: 1'],
    [
      '- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b',
      '- name: DB_PASSWORD\n  value: (hidden)\n- name: A\n  value: b',
    ],
    ['<user>jane</user><password>hunter2</password>', '<user>jane</user><password>(hidden)</password>'],
    ["password: 'hun''ter2'\nb: 1", "password: '(hidden)'\nb: 1"],
    ["password: ''\nb: 'x'", "password: ''\nb: 'x'"],
    ['- key: password\n  value: hunter2\n', '- key: password\n  value: (hidden)\n'],
    ['{key: password, value: hunter2}', '{key: password, value: (hidden)'],
    ['token: abc\r\nb: c\r\n', 'token: (hidden)\r\nb: c\r\n'],
  ])('of a field, %j is read as %j', (text, shown) => {
    expect(content(text)).toBe(shown);
  });

  it.each([
    'It needs v1/Secret/weka/token, which is refused',
    'metadata.annotations.token: Invalid value',
    'spec.volumes[0].secret.secretName: Required value',
    'MountVolume.SetUp failed for volume "token" : secret "token" not found',
    'Secret "token": not found; key password is missing',
    'https://example.com:8443/a/b@c?x=1',
    'ssh://git@example.com/a.git',
    'git@example.com:a/b.git',
    'image: quay.io/weka.io/weka-in-container:4.4.2',
    'sha256:0123456789abcdef',
    'basic authentication is off',
    'request header authorization: Invalid value',
    'docker run -u 1000:1000 x',
    'mysql -h db -P 3306 -p app',
    'mysql -p$MYSQL_PASSWORD',
    '["mysql", "-p$(PASSWORD)", "-P", "3306"]',
    '["mkdir", "-p", "data"]',
    'args: [-p, 8080:80, -p, /run/x, -path=a, -pod, b]',
    '["--password-file", "a", "--kubeconfig", "b", "--verbose"]',
    '- --secret-name\n- a\n- -u\n- 1000:1000\n- ssh\n- -p\n- "22"',
    'args:\n- --password\nother:\n- x',
    'kubectl patch -p \'{"spec":{}}\' x',
    'sshpass -e ssh a',
    'redis-cli -h cache ping',
    'login with password reset',
    'https://a/b?sig=&design=modernlook',
    'secretName: token\ntokenExpirationSeconds: 3600\n',
    'secretKeyRef:\n  name: db\n  key: password\n',
    'password: ""\ntoken: ${TOKEN}\nsecret: $(SECRET)\npassword: {{ .Values.password }}\n',
    'imagePullSecrets:\n  - name: registry\n',
    'automountServiceAccountToken: false',
    '--token-file=/run/token --secret-name=a',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n',
    '<property name="compass" value="north"/><property name="secretName" value="db"/>',
    '<input name="password" value=""/>',
    'https://a/b?key=name&code=200&mode=password',
    'https://a/b?keyRef=abc12345678',
    'export PATH TOKENS_DIR x',
    'ENV NODE_ENV production',
    'export COMPASS north',
    'exporter TOKEN x',
    'weka user login',
    'weka user add jane --role regular',
    'ftp://anonymous@a/b',
    'https://hooks.slack.com/',
    'it is identified by its name',
    'passThrough: yes1\ncompass: north\nkeyRef: abc\ntokenRequests: x1\n',
    'tolerations:\n- key: dedicated\n  value: gpu\n',
    'spec.containers[0].env[name=DB_PASSWORD].value (set by hand: kubectl edit)',
  ])('%j stays as it is', (text) => {
    expect(sentence(text)).toBe(text);
    if (!text.includes('Invalid value') && !text.includes('" :') && !text.includes('":'))
      expect(content(text)).toBe(text);
  });

  it('what is hidden already stays hidden as it was', () => {
    const mark = keyedMark(Buffer.from('key'));
    for (const text of [
      'password: hunter2',
      'https://a:hunter2@b',
      '--token=x1',
      'p: 1\ntoken: |\n  a\n  b\n',
      'Authorization: Token abc',
      'curl -H "Authorization: ApiKey abc" https://a',
      'mysql -u jane -phunter2 app',
      'redis-cli -a hunter2 ping',
      'machine a login jane password hunter2',
      'jane:hunter2@tcp(db:3306)/app',
      'https://a/b?sig=aBcDeFgH%2B1&x=1',
      '["mysql", "-phunter2"]',
      'args:\n- --password\n- hunter2\n- x',
      '["curl", "-ujane:hunter2"]',
    ]) {
      const once = hideInText(text, mark, 'content');
      expect(once).toMatch(/\(hidden #[0-9a-f]{8}\)/);
      expect(hideInText(once, mark, 'content')).toBe(once);
      expect(hideInText(once, plainMark, 'sentence')).toBe(once);
    }
  });

  it('a secret of any form is found wherever it stands', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9!%*+.^_~@/-]{1,20}$/).map((text) => `S3cr3t${text}S3cr3t`);
    const name = fc.constantFrom(
      'password',
      'DB_PASSWORD',
      'api_key',
      'clientSecret',
      'auth-token',
      'PRIVATE_KEY',
      'dbpass',
      'ADMINPASS',
      'MYSQLPWD',
      'bindpw',
      'TS_AUTHKEY',
      'privkey',
      'unseal_key',
      'REDIS_AUTH',
      'secret_id',
    );
    const around = fc.stringMatching(/^[a-z0-9 .:=\n"-]{0,30}$/);
    const form = fc.constantFrom(
      (key: string, value: string) => `${key}: ${value}`,
      (key: string, value: string) => `${key}=${value}`,
      (key: string, value: string) => `--${key}=${value}`,
      (key: string, value: string) => `--${key} ${value}`,
      (key: string, value: string) => `"${key}": ${JSON.stringify(value)}`,
      (key: string, value: string) => `<property name="${key}" value="${value}"/>`,
      (key: string, value: string) => `<a><add value='${value}' x='' key='${key}'/></a>`,
      (key: string, value: string) => `<string name="${key}">${value}</string>`,
      (_key: string, value: string) => `CREATE USER a IDENTIFIED BY '${value}'`,
      (_key: string, value: string) => `ALTER ROLE a WITH LOGIN PASSWORD '${value}'`,
      (key: string, value: string) => `ENV ${key} ${value}`,
      (key: string, value: string) => `if true; then export ${key} ${value}; fi`,
      (key: string, value: string) => `setenv ${key} "${value}"`,
      (_key: string, value: string) => `requirepass ${value}`,
      (key: string, value: string) => `${key}: 'it''s${value}'`,
      (key: string, value: string) => `{key: ${key}, value: ${value}}`,
      (key: string, value: string) => `- key: ${key}\n  value: ${value}`,
      (_key: string, value: string) => `https://a/b?x=1&key=1${value.replace(/[^A-Za-z0-9]/g, '')}`,
      (_key: string, value: string) => `https://a/b?code=1${value.replace(/[^A-Za-z0-9]/g, '')}&x=1`,
      (_key: string, value: string) => `https://hooks.slack.com/services/T0/B0/${value.replace(/\W/g, '')}`,
      (_key: string, value: string) => `https://jane:${value}@example.com/x`,
      (_key: string, value: string) => `postgres://app:${value}@db`,
      (_key: string, value: string) => `-----BEGIN PRIVATE KEY-----\n${value}\n-----END PRIVATE KEY-----`,
      (key: string, value: string) => `${key}: |\n    ${value}\n    ${value}`,
      (key: string, value: string) => `- name: ${key}\n  value: ${value}`,
      ...ARGUMENT_LISTS.flatMap((list) => [
        (key: string, value: string) => JSON.stringify({ args: list(key, value) }),
        (key: string, value: string) => JSON.stringify(JSON.stringify({ args: list(key, value) }, null, 2)),
        (key: string, value: string) => {
          const [command, ...args] = list(key, value);
          return JSON.stringify({ args, command: [command] });
        },
        (key: string, value: string) => `args: [${list(key, value).join(', ')}]`,
        (key: string, value: string) => stringify({ a: { args: list(key, value) } }),
        (key: string, value: string) => {
          const [command, ...args] = list(key, value);
          return stringify({ command: [command], args });
        },
      ]),
    );
    fc.assert(
      fc.property(around, name, word, form, around, (before, key, value, write, after) => {
        const text = `${before}\n${write(key, value)}\n${after}`;
        expect(content(text)).not.toContain('S3cr3t');
      }),
      { numRuns: 3000 },
    );
  });

  it('a megabyte of anything is looked through in no time', () => {
    const started = process.cpuUsage();
    for (const part of [
      'a',
      'a=',
      'token=',
      'https://',
      '-----BEGIN PRIVATE KEY-----',
      'eyJ-',
      '--a ',
      'name: a\n',
      '"',
      '<a>',
      'password: |\n  ',
      ' ',
      'password:\n ',
      '\\',
      '["-p",',
      '["-p"',
      '[-p,',
      '- -p\n',
      '- -p\n  ',
      '-p mysql ',
      '[\\\\"a"',
      'name="a" ',
      'value="a" ',
      '<a name="token" ',
      "identified by '",
      "password '",
      'ENV TOKEN ',
      'export a ',
      '?key=',
      'requirepass ',
    ]) {
      content(`${part.repeat(Math.ceil(1_000_000 / part.length))} token`);
    }
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});
