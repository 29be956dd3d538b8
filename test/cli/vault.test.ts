import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { runCli, startCli } from './support/run-cli.ts';
import { runOnTerminal, whyNoPty } from './support/run-on-terminal.ts';

const PASSWORD = 'correct horse battery staple 9';
const ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const noPty = whyNoPty();

let daemon: TestDaemon;
let home: string;
/** The recovery code of the vault that these tests make. */
let code: string;

const keyhold = (args: string[], input?: string, env?: Record<string, string>) =>
  runCli(args, { home, ...(input === undefined ? {} : { input }), ...(env === undefined ? {} : { env }) });
const json = async <T extends z.ZodType>(schema: T, args: string[], input?: string): Promise<z.output<T>> => {
  const { stdout, stderr, code } = await keyhold([...args, '--json'], input);
  expect([code, stderr]).toEqual([0, '']);
  return schema.parse(JSON.parse(stdout));
};
const clientNames = async () => (await daemon.call('client.list', {})).clients.map((one) => one.name);

/** Nothing a failed test started may go on running. */
const killGroup = (started: ChildProcess) => {
  try {
    if (started.pid !== undefined) process.kill(-started.pid, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
};

beforeAll(async () => {
  daemon = await startTestDaemon();
  home = daemon.home;
});
afterAll(async () => {
  await daemon.stop();
});

/** In order: each test stands on the ones before it, as a person would go on. */
describe('a vault from the command line', () => {
  test('before there is one', async () => {
    const { code, stderr } = await keyhold(['key', 'list', '--json']);
    expect(code).toBe(9);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'NotInitialized' });
    expect((await keyhold(['status'])).stdout).toContain('none yet: keyhold init');
  });

  test('init takes the password from a pipe, refuses a weak one, and shows the recovery code once', async () => {
    for (const weak of ['short', 'password1234']) {
      const refused = await keyhold(['init', '--password-stdin'], `${weak}\n`);
      expect(refused.code).toBe(2);
      expect(refused.stderr).not.toContain(weak);
    }
    const { recoveryCode } = await json(
      z.object({ recoveryCode: z.string() }),
      ['init', '--password-stdin'],
      `${PASSWORD}\n`,
    );
    code = recoveryCode;
    expect(recoveryCode).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect((await keyhold(['init', '--password-stdin'], PASSWORD)).code).toBe(6);
    await keyhold(['lock']);
    expect((await keyhold(['unlock', '--recovery-code', '--password-stdin'], recoveryCode.toLowerCase())).code).toBe(0);
  });

  test('account, key and profile; the key comes in through a pipe', async () => {
    await json(z.object({ accountId: z.literal('123456789012') }), [
      'account',
      'add',
      'prod',
      '--remote',
      '--id',
      '1234-5678-9012',
    ]);
    expect((await keyhold(['account', 'add', 'prod', '--id', '123456789012'])).code).toBe(6);
    expect((await keyhold(['account', 'add', 'x', '--id', '123'])).code).toBe(2);
    const key = await json(
      z.object({ accessKeyId: z.string(), name: z.string(), tags: z.record(z.string(), z.string()) }),
      ['key', 'import', 'deploy', '--account', 'prod', '--tag', 'team=core'],
      JSON.stringify({ AccessKey: { AccessKeyId: ID, SecretAccessKey: SECRET } }),
    );
    expect(key).toEqual({ accessKeyId: ID, name: 'deploy', tags: { team: 'core' } });
    await json(z.object({}), [
      'profile',
      'add',
      'prod',
      '--account',
      'prod',
      '--key',
      'deploy',
      '--region',
      'eu-central-1',
    ]);
    const { stdout } = await keyhold(['key', 'list']);
    expect(stdout).toMatch(
      /^Name +Account +Access key id +Status +Age +Last used +Profiles +Tags\ndeploy +prod +AKIAIOSFODNN7EXAMPLE +active/,
    );
  });

  test('a secret on the command line or in the environment is no way in', async () => {
    expect((await keyhold(['key', 'import', 'x', '--account', 'prod', ID, SECRET])).code).toBe(2);
    expect((await keyhold(['unlock', '--password', PASSWORD])).code).toBe(2);
  });

  test('exec gives the child the client key and nothing of the real one', async () => {
    const { code, stdout } = await keyhold(['exec', 'prod', '--', 'sh', '-c', 'cat /proc/self/environ; exit 7'], '', {
      AWS_PROFILE: 'other',
      AWS_SESSION_TOKEN: 'token-of-the-caller',
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-caller',
    });
    expect(code).toBe(7);
    const env = Object.fromEntries(
      stdout
        .split('\0')
        .filter(Boolean)
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    expect(env).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^KHLD[A-Z0-9]{16}$/),
      AWS_ENDPOINT_URL: daemon.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      KEYHOLD_PROFILE: 'prod',
    });
    expect(env['AWS_PROFILE']).toBeUndefined();
    expect(env['AWS_SESSION_TOKEN']).toBeUndefined();
    for (const real of [SECRET, ID, PASSWORD, 'of-the-caller']) expect(stdout).not.toContain(real);
    expect(await clientNames()).toEqual([]);
  });

  test('exec’s own failures have the shell’s codes, and leave no client', async () => {
    const notExecutable = join(home, 'plain-file');
    writeFileSync(notExecutable, 'x', { mode: 0o600 });
    const code = async (...args: string[]) => (await keyhold(['exec', ...args])).code;
    expect(await code('prod', '--', 'no-such-command-here')).toBe(127);
    expect(await code('prod', '--', notExecutable)).toBe(126);
    expect(await code('nobody', '--', 'true')).toBe(5);
    expect(await code('prod')).toBe(2);
    expect(await code('prod', '--', 'sh', '-c', 'kill -KILL $$')).toBe(137);
    expect(await code('prod', '--', 'sh', '-c', 'kill -TERM $$')).toBe(143);
    expect(await clientNames()).toEqual([]);
  });

  test('options after -- belong to the command, standard input too', async () => {
    const { stdout } = await keyhold(
      ['exec', 'prod', '--region', 'us-west-2', '--', 'sh', '-c', 'cat; echo "$1 $AWS_REGION"', '-', '--json'],
      'in\n',
    );
    expect(stdout).toBe('in\n--json us-west-2\n');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const)(
    '%s reaches the child, and the client is removed after it',
    async (signal) => {
      const name = signal.slice(3);
      const script = `trap 'echo got-${name}; exit 42' ${name}; echo ready; while :; do sleep 0.05; done`;
      const { process: running, ended } = startCli(['exec', 'prod', '--', 'bash', '-c', script], { home });
      onTestFinished(() => killGroup(running));
      await new Promise<void>((resolve) =>
        running.stdout?.on('data', (chunk: Buffer) => chunk.includes('ready') && resolve()),
      );
      expect(await clientNames()).toHaveLength(1);
      running.kill(signal);
      const { code, stdout } = await ended;
      expect([code, stdout]).toEqual([42, `ready\ngot-${name}\n`]);
      expect(await clientNames()).toEqual([]);
    },
  );

  test('an exec that is killed loses its client; one that ends while the vault is locked, with the unlock', async () => {
    const gate = join(home, 'gate');
    const running = () => {
      const started = startCli(
        ['exec', 'prod', '--', 'sh', '-c', `echo ready; until [ -e ${gate} ]; do sleep 0.05; done`],
        {
          home,
        },
      );
      onTestFinished(() => killGroup(started.process));
      const ready = new Promise<void>((resolve) =>
        started.process.stdout?.on('data', (chunk: Buffer) => chunk.includes('ready') && resolve()),
      );
      return { ...started, ready };
    };
    const [killed, locked] = [running(), running()];
    await Promise.all([killed.ready, locked.ready]);
    expect(await clientNames()).toHaveLength(2);
    killed.process.kill('SIGKILL');
    await expect.poll(clientNames).toHaveLength(1);

    await keyhold(['lock']);
    writeFileSync(gate, '');
    const { code, stderr } = await locked.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('the next unlock does it')]);
    expect((await keyhold(['unlock', '--password-stdin'], PASSWORD)).code).toBe(0);
    expect(await clientNames()).toEqual([]);
    rmSync(gate);
  });

  test('credential-process answers AWS’s format and the same key again', async () => {
    const first = await keyhold(['credential-process', 'prod']);
    const second = await keyhold(['credential-process', 'prod']);
    expect(JSON.parse(first.stdout)).toEqual({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^KHLD/),
      SecretAccessKey: expect.any(String),
      Expiration: expect.stringMatching(/Z$/),
    });
    expect(second.stdout).toBe(first.stdout);
    await keyhold(['client', 'remove', (await clientNames())[0] ?? '']);
  });

  test('env can be evaluated', async () => {
    const { stdout } = await keyhold(['env', 'prod', '--shell', 'sh', '--expires', '15m'], undefined, {
      AWS_ENDPOINT_URL_S3: 'https://elsewhere.example',
    });
    expect(stdout).toContain('unset AWS_ENDPOINT_URL_S3');
    const shown = await keyhold([
      'exec',
      'prod',
      '--',
      'sh',
      '-c',
      `${stdout}\necho "$AWS_ACCESS_KEY_ID $AWS_ENDPOINT_URL"`,
    ]);
    expect(shown.stdout).toMatch(new RegExp(`^KHLD[A-Z0-9]{16} ${daemon.endpoint}\n$`));
    for (const name of await clientNames()) await keyhold(['client', 'remove', name]);
  });

  test('client add shows the key once, with AWS’s field names', async () => {
    const Key = z.object({
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      endpointUrl: z.string(),
      region: z.string(),
      expiration: z.string(),
    });
    const key = await json(Key, ['client', 'add', 'terraform', '--profile', 'prod', '--expires', '8h']);
    const listed = await keyhold(['client', 'list', '--json']);
    expect(listed.stdout).toContain(key.accessKeyId);
    expect(listed.stdout).not.toContain(key.secretAccessKey);
    expect((await keyhold(['client', 'disable', 'terraform'])).stdout).toContain('refused');
    expect((await keyhold(['client', 'list'])).stdout).toContain('disabled');
    expect((await keyhold(['client', 'remove', 'terraform'])).code).toBe(0);
    expect((await keyhold(['client', 'remove', 'terraform'])).code).toBe(5);
  });

  test('sign and presign', async () => {
    const lines = await keyhold(['sign', 'prod', 'https://sts.amazonaws.com/', '-d', 'Action=GetCallerIdentity']);
    expect(lines.stdout).toMatch(
      new RegExp(`^-H 'Authorization: AWS4-HMAC-SHA256 Credential=${ID}/\\d{8}/us-east-1/sts/aws4_request, `, 'm'),
    );
    const curl = await keyhold(['sign', 'prod', 'https://b.s3.eu-central-1.amazonaws.com/a b', '--curl']);
    expect(curl.stdout).toMatch(
      /^curl --globoff --path-as-is -X GET -H .* https:\/\/b\.s3\.eu-central-1\.amazonaws\.com\/a%20b\n$/,
    );
    const { url } = await json(z.object({ url: z.url(), expiration: z.string() }), [
      'presign',
      'prod',
      's3://bucket/a//b:c',
      '--expires',
      '15m',
    ]);
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('900');
    expect((await keyhold(['presign', 'prod', 's3://bucket/a', '--expires', '8d'])).code).toBe(2);
  });

  test('sign --send sends what was signed and prints the answer', async () => {
    let seen: { headers: IncomingHttpHeaders; body: string; url: string | undefined } | undefined;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen = { headers: request.headers, body: Buffer.concat(chunks).toString(), url: request.url };
        response.writeHead(418, { 'x-answer': 'yes' }).end('short and stout');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const url = `http://127.0.0.1:${address.port}/a%20b?x=1`;
      const args = [
        'sign',
        'prod',
        url,
        '--service',
        'execute-api',
        '--region',
        'eu-west-1',
        '-d',
        'body',
        '--send',
        '-i',
      ];
      const { stdout, code } = await keyhold(args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^HTTP\/1\.1 418 [\s\S]*x-answer: yes[\s\S]*\r\n\r\nshort and stout$/);
      expect(seen).toMatchObject({ body: 'body', url: '/a%20b?x=1' });
      expect(seen?.headers['authorization']).toContain('/eu-west-1/execute-api/aws4_request');
      expect((await keyhold([...args, '--fail'])).code).toBe(1);
      const dots = `http://127.0.0.1:${address.port}/bucket/a/../b`;
      const s3 = ['--service', 's3', '--region', 'eu-west-1'];
      await keyhold(['sign', 'prod', dots, ...s3, '--send']);
      expect(seen?.url).toBe('/bucket/a/../b');
      expect((await keyhold(['sign', 'prod', dots, ...s3, '--curl'])).stdout).toContain(` ${dots}\n`);
    } finally {
      server.close();
    }
  });

  test('config install and uninstall, next to what others wrote', async () => {
    const folder = join(home, '.aws');
    const config = join(folder, 'config');
    const others = '[default]\nregion = us-east-1\n# mine\n[profile other]\nregion = eu-west-1';
    mkdirSync(folder);
    writeFileSync(config, others, { mode: 0o640 });
    const dry = await keyhold(['config', 'install', '--dry-run']);
    expect(dry.stdout).toContain('+ [profile prod]');
    expect(readFileSync(config, 'utf8')).toBe(others);
    expect((await keyhold(['config', 'install'])).code).toBe(0);
    const installed = readFileSync(config, 'utf8');
    expect(installed.startsWith(others)).toBe(true);
    expect(installed).toContain(`endpoint_url = ${daemon.endpoint}`);
    expect(statSync(config).mode & 0o777).toBe(0o640);
    expect((await keyhold(['config', 'install'])).stdout).toContain('nothing to do');

    // What a tool does with the line, in a shell that knows nothing of this vault.
    const line = /^credential_process = (.*)$/m.exec(installed)?.[1] ?? '';
    const asTool = await keyhold([
      'exec',
      'prod',
      '--',
      'env',
      '-i',
      `PATH=${process.env['PATH'] ?? ''}`,
      'sh',
      '-c',
      line,
    ]);
    expect(JSON.parse(asTool.stdout)).toMatchObject({ Version: 1 });

    expect((await keyhold(['config', 'uninstall'])).code).toBe(0);
    expect(readFileSync(config, 'utf8')).toBe(others);

    writeFileSync(config, `${others}\n[profile prod]\nregion = x\n`);
    const shadow = await keyhold(['config', 'install']);
    expect([shadow.code, shadow.stderr]).toEqual([6, expect.stringContaining(`${config} line 6`)]);
    writeFileSync(config, others);
    writeFileSync(join(folder, 'credentials'), `[prod]\naws_access_key_id = ${ID}\n`);
    expect((await keyhold(['config', 'install'])).stderr).toContain('credentials line 1');
    expect(readFileSync(config, 'utf8')).toBe(others);
    rmSync(folder, { recursive: true });
    for (const name of await clientNames()) await keyhold(['client', 'remove', name]);
  });

  test('import aws: look, import, then shred on request only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-aws-'));
    const credentials = join(folder, 'credentials');
    try {
      const other = 'AKIAI44QH8DHBEXAMPLE';
      const spelled = 'AKIAQNZGKIQY56JQ7WML';
      writeFileSync(
        credentials,
        `[one]\naws_access_key_id = ${other}\naws_secret_access_key = ${SECRET}\n[two]\naws_access_key_id = ${spelled}\naws_secret_access_key = ${SECRET}x\n[role]\nrole_arn = arn:aws:iam::123456789012:role/r\n`,
      );
      writeFileSync(join(folder, 'config'), '[profile one]\nregion = eu-north-1\noutput = text\n');
      const dry = await keyhold(['import', 'aws', '--dir', folder, '--dry-run']);
      expect(dry.code).toBe(0);
      expect(dry.stdout).toMatch(/^one +AKIAI44QH8DHBEXAMPLE +eu-north-1 +credentials:2 +import$/m);
      expect(dry.stdout).toMatch(
        /^role .*skip: credentials line 8, role_arn: there is neither a source_profile nor a key that assumes it/m,
      );
      expect(dry.stdout + dry.stderr).not.toContain(SECRET);
      expect((await daemon.call('key.list', {})).keys).toHaveLength(1);

      // The older key id does not say whose it is, and nobody can be asked.
      const unknown = await keyhold(['import', 'aws', '--dir', folder, '--yes']);
      expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining(other)]);
      const imported = await keyhold([
        'import',
        'aws',
        '--dir',
        folder,
        '--account',
        'legacy',
        '--account-id',
        '210987654321',
        '--yes',
      ]);
      expect([imported.code, imported.stderr]).toEqual([0, expect.stringContaining('still hold')]);
      expect(existsSync(credentials)).toBe(true);
      const { keys } = await daemon.call('key.list', {});
      expect(keys.map((key) => [key.name, key.account, key.accessKeyId]).sort()).toEqual([
        ['deploy', 'prod', ID],
        ['one', 'legacy', other],
        ['two', 'legacy', spelled],
      ]);
      const { profiles } = await daemon.call('profile.list', {});
      expect(profiles.find((one) => one.name === 'one')).toMatchObject({
        region: 'eu-north-1',
        output: 'text',
        key: 'one',
      });

      writeFileSync(credentials, `${readFileSync(credentials, 'utf8')}[half]\naws_access_key_id = ${other}\n`);
      const refused = await keyhold(['import', 'aws', '--dir', folder, '--yes', '--shred']);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('half (line 9)')]);
      const whole = readFileSync(credentials, 'utf8').replace(/\[half\][\s\S]*/, '');
      // A key id that is in the vault, with another secret: the file has the only copy.
      writeFileSync(credentials, whole.replace(`${SECRET}x`, `${SECRET}y`));
      const lost = await keyhold(['import', 'aws', '--dir', folder, '--yes', '--shred']);
      expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('two (line 4)')]);
      expect(lost.stdout).toMatch(/^two .*another secret, as "two"/m);
      expect(existsSync(credentials)).toBe(true);
      writeFileSync(credentials, whole);
      const shredded = await keyhold(['import', 'aws', '--dir', folder, '--yes', '--shred']);
      expect([shredded.code, shredded.stderr]).toEqual([0, expect.stringContaining('SSDs')]);
      expect(existsSync(credentials)).toBe(false);
      expect(existsSync(join(folder, 'config'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('an S3-compatible store: its keys, and no unencrypted endpoint by accident', async () => {
    const add = (url: string, ...more: string[]) =>
      keyhold(['account', 'add', 'minio', '--id', '000000000000', '--endpoint-url', url, ...more]);
    const far = await add('http://minio.lab.example:9000');
    expect([far.code, far.stderr]).toEqual([2, expect.stringContaining('--insecure-endpoint')]);
    expect((await add('http://minio.lab.example:9000', '--insecure-endpoint')).code).toBe(0);
    const key = await keyhold(['key', 'import', 'minio', '--account', 'minio'], 'minioadmin\nminioadmin\n');
    expect([key.code, key.stdout]).toEqual([0, 'Key minio (minioadmin) is in the vault.\n']);
    const aws = await keyhold(['key', 'import', 'other', '--account', 'prod'], 'minioadmin\nminioadmin\n');
    expect([aws.code, aws.stderr]).toEqual([2, expect.stringContaining('capital letters')]);
    await keyhold(['account', 'remove', 'minio', '--cascade']);
  });

  test('mistakes with files and flags are named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-folder-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'credentials'));
    for (const args of [
      ['key', 'import', 'x', '--account', 'prod', '--file', folder],
      ['unlock', '--password-file', folder],
      ['import', 'csv', folder, '--account', 'prod'],
      ['sign', 'prod', 'https://sts.amazonaws.com/', '-d', `@${folder}`],
      ['sign', 'prod', 'https://sts.amazonaws.com/', '-T', folder],
    ]) {
      if (args[0] === 'unlock') await keyhold(['lock']);
      const { code, stderr } = await keyhold(args);
      expect([args, code, stderr]).toEqual([args, 2, `keyhold: ${folder} is a folder; name a file.\n`]);
      if (args[0] === 'unlock') await keyhold(['unlock', '--password-stdin'], PASSWORD);
    }
    const aws = await keyhold(['import', 'aws', '--dir', folder]);
    expect([aws.code, aws.stderr]).toEqual([2, expect.stringContaining(join(folder, 'credentials'))]);

    const plain = join(folder, 'plain');
    writeFileSync(plain, 'x', { mode: 0o600 });
    const refused = await keyhold(['exec', 'prod', '--json', '--', plain]);
    expect([refused.code, JSON.parse(refused.stderr)]).toEqual([
      126,
      { code: 'InvalidInput', message: expect.stringContaining('chmod +x') },
    ]);
    const used = await keyhold(['account', 'remove', 'prod']);
    expect([used.code, used.stderr]).toEqual([1, expect.stringContaining('(--cascade)')]);
    const sent = await keyhold(['sign', 'prod', 'https://sts.amazonaws.com/', '--send', '--json']);
    expect([sent.code, JSON.parse(sent.stderr)]).toMatchObject([2, { code: 'InvalidInput' }]);
    const script = await keyhold(['completion', 'bash']);
    expect(JSON.parse((await keyhold(['completion', 'bash', '--json'])).stdout)).toEqual({
      shell: 'bash',
      script: script.stdout,
    });
  });

  test('malformed files: every line is named and nothing is imported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-aws-'));
    try {
      writeFileSync(
        join(folder, 'credentials'),
        `[ok]\naws_access_key_id = AKIAZZZZZZZZZZZZZZZZ\naws_secret_access_key = ${SECRET}\n[broken\nnonsense\n`,
      );
      const { code, stderr } = await keyhold(['import', 'aws', '--dir', folder, '--yes', '--account', 'prod']);
      expect(code).toBe(2);
      expect(stderr).toContain(`${join(folder, 'credentials')} line 4`);
      expect((await daemon.call('key.list', {})).keys.map((key) => key.name)).not.toContain('ok');
      writeFileSync(join(folder, 'keys.csv'), `Access key ID,Secret access key\nAKIAZZZZZZZZZZZZZZZZ\n`);
      const csv = await keyhold(['import', 'csv', join(folder, 'keys.csv'), '--account', 'prod', '--json']);
      expect(JSON.parse(csv.stderr)).toMatchObject({ code: 'InvalidInput', details: { problems: [{ line: 2 }] } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('import csv', async () => {
    const file = join(home, 'accessKeys.csv');
    writeFileSync(file, `\ufeffAccess key ID,Secret access key\r\nAKIAZZZZZZZZZZZZZZZ7,${SECRET}\r\n`);
    const { stdout, code } = await keyhold(['import', 'csv', file, '--account', 'prod', '--name', 'console']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('console  AKIAZZZZZZZZZZZZZZZ7')]);
    expect((await keyhold(['import', 'csv', join(home, 'nope.csv'), '--account', 'prod'])).code).toBe(5);
  });

  test('vault, slots, settings and audit', async () => {
    expect(
      (await json(z.object({ ok: z.literal(true), findings: z.array(z.unknown()) }), ['vault', 'check'])).findings,
    ).toEqual([]);
    const backup = join(home, 'copy.vault');
    expect((await keyhold(['vault', 'backup', backup])).code).toBe(0);
    expect((await keyhold(['vault', 'backup', backup])).code).toBe(6);
    const next = 'another long passphrase 77';
    expect((await keyhold(['vault', 'passwd', '--password-stdin'], `${PASSWORD}\n${next}\n`)).code).toBe(0);
    expect((await keyhold(['vault', 'passwd', '--password-stdin'], `${PASSWORD}\n${next}\n`)).code).toBe(4);
    const slot = await json(
      z.object({ id: z.string() }),
      ['vault', 'slot', 'add', '--label', 'second', '--password-stdin'],
      `${next}\nthird long passphrase 55\n`,
    );
    expect((await keyhold(['vault', 'slot', 'list'])).stdout).toContain('second');
    expect((await keyhold(['vault', 'slot', 'remove', slot.id, '--password-stdin'], next)).code).toBe(0);
    const again = await keyhold(
      ['vault', 'slot', 'add', '--by-recovery-code', '--password-stdin'],
      `${code}\n${PASSWORD}\n`,
    );
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect((await keyhold(['settings', 'set', 'auto-lock', '30m'])).stdout).toMatch(/^auto-lock +30m$/m);
    expect((await keyhold(['audit', 'verify'])).stdout).toMatch(/^Intact: \d+ entries/);
    expect((await keyhold(['audit', 'list', '--limit', '3', '--text', 'passw'])).stdout).toContain('vault.');
    const exported = (await keyhold(['audit', 'export'])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => z.object({ seq: z.int(), hash: z.string(), mac: z.string() }).parse(JSON.parse(line)));
    expect(exported.map((entry) => entry.seq)).toEqual(exported.map((_, index) => index + 1));
    for (const secret of [SECRET, PASSWORD, next]) expect(JSON.stringify(exported)).not.toContain(secret);

    const restored = await keyhold(['vault', 'restore', backup, '--yes', '--password-stdin'], `${PASSWORD}\n`);
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    await keyhold(['unlock', '--password-stdin'], PASSWORD);
  });

  test('locked: one sentence and exit code 3; with a password it goes on', async () => {
    expect((await keyhold(['lock'])).code).toBe(0);
    const sentence = 'keyhold: The vault is locked. Unlock it with "keyhold unlock".\n';
    for (const args of [
      ['key', 'list'],
      ['credential-process', 'prod'],
      ['exec', 'prod', '--', 'true'],
      ['key', 'list', '--no-input'],
    ]) {
      const { code, stderr, stdout } = await keyhold(args);
      expect([code, stderr, stdout]).toEqual([3, sentence, '']);
    }
    expect((await keyhold(['unlock', '--password-stdin'], 'wrong password here')).code).toBe(4);
    const file = join(home, 'pw');
    writeFileSync(file, `${PASSWORD}\r\nsecond line\n`, { mode: 0o644 });
    const opened = await keyhold(['key', 'list', '--password-file', file]);
    expect([opened.code, opened.stderr]).toEqual([0, expect.stringContaining('chmod 600')]);
    expect((await keyhold(['status', '--json'])).stdout).toContain('"state": "unlocked"');
  });
});

describe.skipIf(noPty !== null)(`at a terminal${noPty === null ? '' : ` (skipped: ${noPty})`}`, () => {
  const at = (args: string[], steps: Parameters<typeof runOnTerminal>[1]) => runOnTerminal(args, steps, { home });

  test('a locked vault asks for the password once, without echo, and goes on', async () => {
    await keyhold(['lock']);
    const { code, output, failure, echoAtEnd } = await at(
      ['key', 'list'],
      [{ expect: 'Password: ', send: `${PASSWORD}\r`, echo: false }],
    );
    expect([failure, code, echoAtEnd]).toEqual([null, 0, true]);
    expect(output).toContain('deploy');
    expect(output).not.toContain('horse');
  });

  test('backspace, a paste in brackets and arrow keys', async () => {
    await keyhold(['lock']);
    const typed = `\u001b[200~${PASSWORD}xy\u001b[201~\u007f\u001b[D\u007f\r`;
    const { code, failure } = await at(['unlock'], [{ expect: 'Password: ', send: typed, echo: false }]);
    expect([failure, code]).toEqual([null, 0]);
  });

  test('a wrong password is exit code 4', async () => {
    await keyhold(['lock']);
    const { code, failure } = await at(['key', 'list'], [{ expect: 'Password: ', send: 'wrong wrong wrong\r' }]);
    expect([failure, code]).toEqual([null, 4]);
  });

  test('Ctrl-C at the prompt gives the terminal back', async () => {
    const { code, failure, echoAtEnd } = await at(
      ['unlock'],
      [{ expect: 'Password: ', send: 'half\u0003', echo: false }],
    );
    expect([failure, code, echoAtEnd]).toEqual([null, 130, true]);
    expect((await keyhold(['unlock', '--password-stdin'], PASSWORD)).code).toBe(0);
  });

  test('a new password is judged before it has to be typed again, and an empty one is said to be', async () => {
    const next = 'seven violet bicycles under water';
    const { code, output, failure } = await at(
      ['vault', 'passwd'],
      [
        { expect: 'Current password: ', send: '\r', echo: false },
        { expect: 'Nothing was typed', send: `${PASSWORD}\r`, echo: false },
        { expect: 'New password: ', send: 'short\r', echo: false },
        { expect: 'at least 10 characters', send: 'password1234\r', echo: false },
        { expect: 'too easy to guess', send: `${next}\r`, echo: false },
        { expect: 'The same again: ', send: 'something else\r', echo: false },
        { expect: 'not the same', send: `${next}\r`, echo: false },
        { expect: 'The same again: ', send: `${next}\r`, echo: false },
      ],
    );
    expect([failure, code]).toEqual([null, 0]);
    // Only for the password that was good enough.
    expect(output.split('The same again: ')).toHaveLength(3);
    const back = await keyhold(['vault', 'passwd', '--password-stdin'], `${next}\n${PASSWORD}\n`);
    expect(back.code).toBe(0);
  });

  test('key import asks for id and secret, the secret without echo', async () => {
    const secret = 'typed/secret/typed/secret/typed/secret+1';
    const { code, output, failure } = await at(
      ['key', 'import', 'typed', '--account', 'prod'],
      [
        { expect: 'Access key id: ', send: 'AKIAYYYYYYYYYYYYYYY7\n', echo: true },
        { expect: 'Secret access key: ', send: `${secret}\r`, echo: false },
      ],
    );
    expect([failure, code]).toEqual([null, 0]);
    expect(output).not.toContain(secret);
  });

  test('import aws asks whose an old key is, suggests what a new one spells, and goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-aws-'));
    const key = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = ${SECRET}\n`;
    writeFileSync(
      join(folder, 'credentials'),
      `[old]\n${key('AKIAIOSFODNN8EXAMPLE')}[new]\n${key('AKIAQNZGKIQY56JQ7WM2')}`,
    );
    const {
      failure,
      output,
      code: exit,
    } = await at(
      ['import', 'aws', '--dir', folder, '--shred'],
      [
        { expect: 'Account id of AKIAIOSFODNN8EXAMPLE (profile old): ', send: '12\n', echo: true },
        { expect: 'exactly 12 digits', send: '123456789012\n' },
        { expect: 'Account id of AKIAQNZGKIQY56JQ7WM2 (profile new) [029608264753]: ', send: '\n' },
        { expect: 'Name for the account 029608264753 [new]: ', send: 'prod\n' },
        { expect: 'Name for the account 029608264753 [new]: ', send: 'fresh\n' },
        { expect: 'Import 1 account, 2 keys, 2 profiles? [Y/n] ', send: '\n' },
        { expect: `Overwrite and delete ${join(folder, 'credentials')}? [y/N] `, send: 'y\n' },
      ],
    );
    rmSync(folder, { recursive: true });
    expect([failure, exit]).toEqual([null, 0]);
    expect(output).toContain('Imported 2 keys and 2 profiles.');
    const { keys } = await daemon.call('key.list', {});
    expect(
      keys
        .filter((one) => one.name === 'old' || one.name === 'new')
        .map((one) => one.account)
        .sort(),
    ).toEqual(['fresh', 'prod']);
  });

  test('Ctrl-C during exec hits the child once, and the client is removed', async () => {
    const script =
      'n=0; trap "n=\\$((n+1)); echo hit-\\$n" INT; echo ready; for i in 1 2 3 4 5 6; do sleep 0.1; done; exit 5';
    const { code, output, failure } = await at(
      ['exec', 'prod', '--', 'bash', '-c', script],
      [{ expect: 'ready', send: '\u0003' }],
    );
    expect([failure, code]).toEqual([null, 5]);
    expect(output).toContain('hit-1');
    expect(output).not.toContain('hit-2');
    expect(await clientNames()).toEqual([]);
  });
});

describe('starting', () => {
  const folders: string[] = [];
  const freshHome = () => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-start-'));
    folders.push(folder);
    return folder;
  };
  afterAll(async () => {
    for (const folder of folders) {
      await runCli(['stop'], { home: folder });
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('without a daemon: exit code 7 and the command to run', async () => {
    const options = { home: freshHome() };
    const { code, stderr } = await runCli(['key', 'list'], options);
    expect([code, stderr]).toEqual([
      7,
      'keyhold: Keyhold is not running. Start it with "keyhold serve", or add --start to this command.\n',
    ]);
    expect((await runCli(['status'], options)).code).toBe(7);
    expect((await runCli(['stop'], options)).code).toBe(0);
    expect((await runCli(['lock'], options)).code).toBe(0);
  });

  test('KEYHOLD_AUTOSTART=1 starts it, once for many at the same time; stop waits until it is gone', async () => {
    const options = { home: freshHome(), env: { KEYHOLD_AUTOSTART: '1' } };
    const all = await Promise.all([1, 2, 3].map(() => runCli(['key', 'list', '--json'], options)));
    expect(all.map((one) => [one.code, JSON.parse(one.stderr).code])).toEqual(Array(3).fill([9, 'NotInitialized']));
    const Status = z.object({ pid: z.int(), state: z.literal('none') });
    const { pid } = Status.parse(JSON.parse((await runCli(['status', '--json'], options)).stdout));
    expect((await runCli(['stop'], options)).stdout).toBe(`Stopped (process ${pid}).\n`);
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test('serve prints one JSON line and stops cleanly on SIGTERM', async () => {
    const { process: serving, ended } = startCli(['serve', '--port', '0'], { home: freshHome() });
    onTestFinished(() => killGroup(serving));
    const line = await new Promise<string>((resolve) =>
      serving.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    expect(JSON.parse(line)).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ui: expect.any(String),
      pid: serving.pid,
    });
    serving.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect([code, stdout]).toEqual([0, line]);
  });

  test('a start that fails says why', async () => {
    const home = join(freshHome(), 'file');
    writeFileSync(home, 'not a folder');
    const { code, stderr } = await runCli(['key', 'list', '--start'], { home });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^keyhold: .+\n$/);
  });

  test.skipIf(noPty !== null)('at a terminal it offers to start', async () => {
    const options = { home: freshHome() };
    const declined = await runOnTerminal(
      ['key', 'list'],
      [{ expect: 'Start it? [Y/n] ', send: 'n\n', echo: true }],
      options,
    );
    expect([declined.failure, declined.code]).toEqual([null, 7]);
    const accepted = await runOnTerminal(
      ['init'],
      [
        { expect: 'Start it? [Y/n] ', send: '\n' },
        { expect: 'New password: ', send: 'tooshort\r', echo: false },
        { expect: 'New password: ', send: `${PASSWORD}\r`, echo: false },
        { expect: 'The same again: ', send: 'something else\r', echo: false },
        { expect: 'New password: ', send: `${PASSWORD}\r`, echo: false },
        { expect: 'The same again: ', send: `${PASSWORD}\r`, echo: false },
        { expect: 'To confirm that you wrote it down', send: 'nope\n', echo: true },
        { expect: 'Look at your paper', send: '\u0003' },
      ],
      options,
    );
    expect(accepted.failure).toBeNull();
    expect(accepted.output).toMatch(/([0-9A-Z]{4}-){7}[0-9A-Z]{4}/);
    await sleep(0);
    expect((await runCli(['status'], options)).stdout).toContain('unlocked');
    // What is for tests goes no further than the process it was given to.
    expect(readFileSync(join(options.home, 'daemon.log'), 'utf8')).not.toContain('KEYHOLD_KDF');
  });
});

describe('help and mistakes', () => {
  const options = { home: '/nonexistent/keyhold-home' };
  test('every command has help with examples', async () => {
    const { stdout } = await runCli(['__complete', '--', ''], options);
    const commands = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0] ?? '');
    expect(commands.length).toBeGreaterThan(20);
    for (const command of commands) {
      const help = await runCli([command, '--help'], options);
      expect([command, help.code, help.stderr]).toEqual([command, 0, '']);
      expect(help.stdout).toContain('Usage: keyhold');
      if (!/Commands:/.test(help.stdout) && command !== 'help') expect(help.stdout).toContain('Examples:');
    }
  });
  test('a misspelt command suggests the right one', async () => {
    const { code, stderr } = await runCli(['stauts'], options);
    expect([code, stderr]).toEqual([
      2,
      'keyhold: Unknown command "stauts". Did you mean status?\nAdd --help to see how it is used.\n',
    ]);
  });
  test('usage errors are JSON where JSON was asked for', async () => {
    const { code, stderr, stdout } = await runCli(['account', 'add', '--json'], options);
    expect([code, stdout, JSON.parse(stderr)]).toEqual([
      2,
      '',
      {
        code: 'InvalidInput',
        message: expect.stringMatching(/^Required option "--id <id>" not specified\.$|^Missing/),
      },
    ]);
  });
  test('versions and exit codes', async () => {
    expect((await runCli(['--version'], options)).stdout).toMatch(/^keyhold \d+\.\d+\.\d+\n$/);
    expect((await runCli(['help', 'exit-codes'], options)).stdout).toContain('the vault is locked');
    expect((await runCli(['help', 'vault', 'slot'], options)).stdout).toContain('ways into the vault');
    expect((await runCli(['help', 'nope'], options)).code).toBe(2);
  });
});
