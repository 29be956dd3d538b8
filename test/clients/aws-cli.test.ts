import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY, missing, passwordFile, REAL_KEY_ID, run, type Scenario, startScenario } from '../support/scenario.ts';

const reason = missing('aws', ['--version'], 'the AWS CLI');
const ODD_KEYS = ['a:b:c', 'double//slash', 'with space and +plus', 'ünïcode/✓.txt', 'per%20cent%2Fencoded'];
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(reason !== null)(
  `AWS CLI through keyhold exec${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let scenario: Scenario;
    let folder: string;
    beforeAll(async () => {
      scenario = await startScenario();
      scenario.upstream.tables.set('orders', new Map());
      folder = mkdtempSync(join(tmpdir(), 'kh-cli-'));
    });
    afterAll(async () => {
      await scenario.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const aws = async (...args: string[]) => {
      const result = await scenario.keyhold(['exec', 'prod', '--', 'aws', ...args]);
      expect(result.stderr, args.join(' ')).toBe('');
      expect(result.code, args.join(' ')).toBe(0);
      return result.stdout;
    };
    const json = async (...args: string[]): Promise<unknown> => JSON.parse(await aws(...args, '--output', 'json'));

    it('asks STS, DynamoDB, SSM and IAM', async () => {
      expect(await json('sts', 'get-caller-identity')).toMatchObject({ Account: '123456789012' });
      expect(await json('dynamodb', 'list-tables')).toEqual({ TableNames: ['orders'] });
      expect(await json('ssm', 'get-parameter', '--name', '/app/one')).toMatchObject({
        Parameter: { Value: 'value of /app/one' },
      });
      expect(await json('iam', 'list-users')).toHaveProperty('Users');
    });

    it('invokes a Lambda function', async () => {
      const out = join(folder, 'lambda.json');
      const payload = join(folder, 'payload.json');
      writeFileSync(payload, '{"n":1}');
      await aws('lambda', 'invoke', '--function-name', 'echo', '--payload', `file://${payload}`, out);
      expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ function: 'echo' });
    });

    it('calls operations whose host has a prefix at AWS', async () => {
      const arn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:fast';
      const started = await json('stepfunctions', 'start-sync-execution', '--state-machine-arn', arn);
      expect(started).toMatchObject({ status: 'SUCCEEDED' });
    });

    it('makes buckets, puts and gets objects with odd keys, lists and signs URLs', async () => {
      await aws('s3', 'mb', 's3://cli-tour');
      expect(await aws('s3', 'ls')).toContain('cli-tour');
      const small = join(folder, 'small');
      for (const key of ODD_KEYS) {
        writeFileSync(small, key);
        await aws('s3api', 'put-object', '--bucket', 'cli-tour', '--key', key, '--body', small);
        await aws('s3api', 'get-object', '--bucket', 'cli-tour', '--key', key, join(folder, 'back'));
        expect(readFileSync(join(folder, 'back'), 'utf8')).toBe(key);
      }
      const listed = (await json('s3api', 'list-objects-v2', '--bucket', 'cli-tour')) as {
        Contents: { Key: string }[];
      };
      expect(listed.Contents.map((object) => object.Key).sort()).toEqual(ODD_KEYS.toSorted());

      const url = (
        await scenario.keyhold([
          'exec',
          'prod',
          '--',
          'sh',
          '-c',
          'u=$(aws s3 presign s3://cli-tour/a:b:c) && curl -sf "$u"',
        ])
      ).stdout;
      expect(url).toBe('a:b:c');
    });

    it('moves 100 MB in parts, both ways', async () => {
      const big = join(folder, 'big');
      const body = randomBytes(100 << 20);
      writeFileSync(big, body);
      await aws('s3', 'cp', '--only-show-errors', big, 's3://cli-tour/big');
      await aws('s3', 'cp', '--only-show-errors', 's3://cli-tour/big', `${big}.back`);
      expect(sha256(readFileSync(`${big}.back`))).toBe(sha256(body));
      expect(scenario.upstream.seen.filter((request) => request.target.includes('partNumber=')).length).toBeGreaterThan(
        10,
      );
    });

    it('signed every request with the vaulted key, and the upstream verified each', () => {
      expect(scenario.upstream.failures).toEqual([]);
      expect(new Set(scenario.upstream.seen.map((request) => request.by?.accessKeyId))).toEqual(new Set([REAL_KEY_ID]));
    });

    it('gives the child nothing but an ephemeral client key', async () => {
      const result = await scenario.keyhold(
        [
          'exec',
          'prod',
          '--',
          'sh',
          '-c',
          "cat /proc/$$/environ | tr '\\0' '\\n'; cat /proc/$PPID/environ | tr '\\0' '\\n'",
        ],
        { env: { AWS_ACCESS_KEY_ID: 'AKIAOFTHEPARENT00000', AWS_SECRET_ACCESS_KEY: 'of the parent' } },
      );
      const child = result.stdout.split('AWS_ACCESS_KEY_ID=');
      expect(child[1]).toMatch(/^KHLD[A-Z2-7]{16}\n/);
      expect(result.stdout).not.toContain(CANARY);
      expect(result.stdout).not.toContain(REAL_KEY_ID);
      expect(result.stdout).toContain(`AWS_ENDPOINT_URL=${scenario.daemon.endpoint}`);
      expect(result.stdout).toContain('AWS_DEFAULT_REGION=eu-central-1');
      expect(result.stdout).toContain('AWS_REGION=eu-central-1');
    });

    it('passes AWS’s own errors through untouched', async () => {
      const result = await scenario.keyhold([
        'exec',
        'prod',
        '--',
        'aws',
        'ssm',
        'get-parameter',
        '--name',
        '/missing',
      ]);
      // A service error: 255 from AWS CLI v1, 254 from v2.
      expect([254, 255]).toContain(result.code);
      expect(result.stderr).toContain('ParameterNotFound');
      expect(result.stderr).toContain('Parameter /missing not found.');
    });

    it('works by credential_process and endpoint_url from an installed configuration', async () => {
      const home = mkdtempSync(join(tmpdir(), 'kh-user-'));
      try {
        const installed = await scenario.keyhold(['config', 'install'], { env: { HOME: home } });
        expect(installed.stderr).toBe('');
        expect(installed.code).toBe(0);
        const plain: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: home, KEYHOLD_HOME: scenario.daemon.home };
        // The installed command is the one for the bundle; it runs wherever the project has been built.
        const result = await run('aws', ['sts', 'get-caller-identity', '--profile', 'prod', '--output', 'json'], {
          env: plain,
        });
        expect(result.stderr).toBe('');
        expect(JSON.parse(result.stdout)).toMatchObject({ Account: '123456789012' });
        const arn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:fast';
        const prefixed = await run(
          'aws',
          ['stepfunctions', 'start-sync-execution', '--state-machine-arn', arn, '--profile', 'prod'],
          { env: plain },
        );
        expect([prefixed.stderr, prefixed.code]).toEqual(['', 0]);
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    });

    it('prints one clear sentence when the vault is locked, an expired or an unknown key', async () => {
      const { secret, accessKeyId, endpoint } = await scenario.daemon.addClient({ name: 'tool', profile: 'prod' });
      const as = (id: string, key: string) =>
        run('aws', ['sts', 'get-caller-identity'], {
          env: {
            PATH: process.env['PATH'],
            HOME: folder,
            AWS_ACCESS_KEY_ID: id,
            AWS_SECRET_ACCESS_KEY: key,
            AWS_DEFAULT_REGION: 'eu-central-1',
            AWS_ENDPOINT_URL: endpoint,
            AWS_MAX_ATTEMPTS: '1',
          },
        });
      expect((await as(accessKeyId, secret)).code).toBe(0);
      expect((await as(accessKeyId, `${secret}x`)).stderr).toMatch(/\(SignatureDoesNotMatch\)/);
      expect((await as('KHLDUNKNOWNUNKNOWNUN', secret)).stderr).toMatch(/\(InvalidClientTokenId\)/);

      await scenario.daemon.call('client.update', { name: 'tool', enabled: false });
      expect((await as(accessKeyId, secret)).stderr).toMatch(/\(AccessDenied\).*tool.*disabled/s);
      await scenario.daemon.call('client.update', { name: 'tool', enabled: true });

      await scenario.daemon.call('vault.lock', {});
      const locked = await as(accessKeyId, secret);
      expect(locked.stderr.trim().split('\n')).toHaveLength(1);
      expect(locked.stderr).toMatch(/Keyhold is locked/);
      expect([254, 255]).toContain(locked.code);
      const unlocked = await scenario.keyhold(['unlock', '--password-file', passwordFile(scenario.daemon.home)]);
      expect(unlocked.code).toBe(0);
      expect((await as(accessKeyId, secret)).code).toBe(0);
    });
  },
);
