/** Lists of arguments of which `secret` is one: by the option `name`, or by what the program takes. */
export const ARGUMENT_LISTS: readonly ((name: string, secret: string) => readonly string[])[] = [
  (name, secret) => ['run', `--${name}`, secret, 'x'],
  (name, secret) => ['run', `--${name}=${secret}`, 'x'],
  (name, secret) => ['env', `${name}=${secret}`, 'run'],
  (name, secret) => ['run', '--from', `${name}=`, secret],
  (_name, secret) => ['run', '-p', secret, 'x'],
  (_name, secret) => ['/usr/bin/mysql', '-h', 'db', `-p${secret}`, 'x'],
  (_name, secret) => ['sshpass', '-p', secret, 'ssh', 'x'],
  (_name, secret) => ['redis-cli', '-a', secret, 'ping'],
  (_name, secret) => ['docker', 'login', '-p', secret, 'x'],
  (_name, secret) => ['curl', '-u', `jane:${secret}`, 'x'],
  (_name, secret) => ['curl', '-s', `-ujane:${secret}`, 'x'],
  (_name, secret) => ['sh', '-c', `curl -u jane:${secret} x`],
  (_name, secret) => ['sh', '-c', `exec mysql -u jane -p${secret} x`],
];
