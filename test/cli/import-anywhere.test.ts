import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import type { Define } from '../../src/cli/command.ts';
import { define as defineCertificate } from '../../src/cli/commands/certificate.ts';
import { define as defineImport } from '../../src/cli/commands/import.ts';
import { define as defineProfile } from '../../src/cli/commands/profile.ts';
import { define as defineRotate } from '../../src/cli/commands/rotate.ts';
import { ANCHOR, ANYWHERE_PROFILE, type AnywhereLab, ROLE, startAnywhereLab } from '../support/anywhere-lab.ts';

let lab: AnywhereLab;
let folder: string;

beforeAll(async () => {
  lab = await startAnywhereLab();
  folder = mkdtempSync(join(tmpdir(), 'kh-anywhere-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await lab.dispose();
});

const inFolder = (name: string): string => join(folder, name);

/** The command as it is, over a core in this process; what it prints, and what it says to the person. */
async function keyhold(define: Define, ...args: string[]): Promise<{ out: string; notes: string; printed: unknown[] }> {
  const out: string[] = [];
  const notes: string[] = [];
  const printed: unknown[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  const cli: Cli = {
    ...createCli(),
    call: lab.core.client.call,
    callSealed: lab.core.client.callSealed,
    home: lab.core.home,
    now: () => lab.clock.now(),
    terminal: () => null,
    note: (text) => void notes.push(text),
    print(value, text) {
      printed.push(value);
      out.push(text());
    },
  };
  const command = new Command().exitOverride();
  try {
    define(command, cli);
    await command.parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return { out: out.join(''), notes: notes.join('\n'), printed };
}

/** In order: each test goes on from the one before. */
test('lines of AWS’s signing helper come in with their certificate and key, each pair of files once', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const middle = lab.ca.below('CN=Middle');
  writeFileSync(inFolder('build.crt'), middle.issueFor('CN=build', publicKey));
  writeFileSync(inFolder('middle.crt'), middle.certificate);
  writeFileSync(inFolder('build.key'), privateKey.export({ type: 'sec1', format: 'pem' }));
  const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  writeFileSync(inFolder('locked.key'), privateKey.export(encrypted));
  const helper = (key: string) =>
    `credential_process = aws_signing_helper credential-process --certificate ${inFolder('build.crt')} --private-key ${key} --intermediates ${inFolder('middle.crt')} --trust-anchor-arn ${ANCHOR} --profile-arn ${ANYWHERE_PROFILE} --role-arn ${ROLE} --endpoint ${lab.aws.url}`;
  writeFileSync(
    inFolder('config'),
    `[profile ci]
region = eu-central-1
${helper(inFolder('build.key'))}

[profile ci-west]
region = eu-west-1
${helper(inFolder('build.key'))} --debug

[profile locked]
${helper(inFolder('locked.key'))}

[profile token]
${helper('pkcs11:object=x')}
`,
  );
  const plan = await keyhold(defineImport, 'aws', '--dir', folder, '--dry-run');
  expect(plan.out).toMatch(/^ci +- +eu-central-1 +config:1 +import, with the certificate in .*build\.crt$/m);
  expect(plan.out).toMatch(
    /^locked .* skip: config line 10, credential_process: the private key in .* is encrypted; decrypt a copy/m,
  );
  expect(plan.out).toMatch(
    /^token .* skip: config line 13, credential_process: its private key is in a PKCS#11 token/m,
  );
  expect(plan.out).toContain('ci-west, --debug: Keyhold has no such option');
  const done = await keyhold(defineImport, 'aws', '--dir', folder, '--yes');
  expect(done.out).toContain('Imported 0 keys and 2 profiles.');
  expect(done.notes).toContain('build.key still has the key');
  const { certificates } = await lab.core.client.call('certificate.list', {});
  expect(certificates).toMatchObject([{ name: 'ci', imported: true, profiles: ['ci', 'ci-west'] }]);
  await expect(lab.credentials('ci-west')).resolves.toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/) });
  // Who was interrupted after the certificate goes on with it.
  await lab.core.client.call('profile.remove', { name: 'ci-west' });
  const again = await keyhold(defineImport, 'aws', '--dir', folder, '--yes');
  expect(again.out).toContain('Imported 0 keys and 1 profile.');
  expect((await lab.certificate('ci')).profiles).toEqual(['ci', 'ci-west']);
});

test('a certificate is made, shown, given to a profile and rotated', async () => {
  const made = await keyhold(defineCertificate, 'create', 'web', '--subject', 'CN=web,O=Example');
  expect(made.out).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
  expect(made.notes).toContain('keyhold certificate install web FILE');
  expect((await keyhold(defineCertificate, 'list')).out).toMatch(
    /^web +CN=web,O=Example +EC_P256 +waits for its certificate/m,
  );
  await expect(keyhold(defineCertificate, 'show', 'web', '--pem')).rejects.toThrow('has not been issued yet');
  writeFileSync(inFolder('web.crt'), lab.ca.issue(made.out));
  const installed = await keyhold(defineCertificate, 'install', 'web', inFolder('web.crt'));
  expect(installed.out).toMatch(/^Valid +ends in 30 d$/m);
  expect((await keyhold(defineCertificate, 'show', 'web', '--pem')).out).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  const profile = ['--certificate', 'web', '--role-arn', ROLE, '--trust-anchor-arn', ANCHOR];
  await expect(keyhold(defineProfile, 'add', 'web', '--account', 'prod', ...profile)).rejects.toThrow('all three');
  await keyhold(defineProfile, 'add', 'web', '--account', 'prod', ...profile, '--profile-arn', ANYWHERE_PROFILE);
  expect((await keyhold(defineProfile, 'show', 'web')).out).toMatch(/^Credentials +certificate web$/m);
  await keyhold(defineProfile, 'edit', 'web', '--certificate', 'ci');
  expect((await keyhold(defineProfile, 'list')).out).toMatch(/^web .* certificate ci /m);
  await keyhold(defineProfile, 'edit', 'web', '--certificate', 'web');

  const rotated = await keyhold(
    defineRotate,
    'certificate',
    'web',
    '--key-spec',
    'ec-p384',
    '--out',
    inFolder('web.csr'),
  );
  expect(rotated.out).toBe('');
  expect(rotated.printed).toMatchObject([{ path: inFolder('web.csr') }]);
  const { csr } = await lab.core.client.call('certificate.csr', { name: 'web' });
  writeFileSync(inFolder('web.crt'), lab.ca.issue(csr));
  expect((await keyhold(defineCertificate, 'install', 'web', inFolder('web.crt'))).out).toContain(
    'The new certificate is in use.',
  );
  expect((await keyhold(defineRotate, 'certificate', 'web', '--confirm')).out).not.toContain('Rotation');
  await expect(keyhold(defineRotate, 'certificate', 'web', '--rollback')).rejects.toThrow('Nothing can be taken back');
  await expect(keyhold(defineRotate, 'certificate', 'web', '--key-spec', 'dsa')).rejects.toThrow('is no kind of key');
  await expect(keyhold(defineCertificate, 'rm', 'web')).rejects.toThrow('--cascade');
  await keyhold(defineCertificate, 'rm', 'web', '--cascade');
});

test('a certificate comes in with its key out of files, whose key is still there', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const middle = lab.ca.below('CN=Other');
  writeFileSync(inFolder('api.crt'), middle.issueFor('CN=api', publicKey));
  writeFileSync(inFolder('other.crt'), middle.certificate);
  writeFileSync(inFolder('api.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const files = ['--certificate', inFolder('api.crt'), '--private-key', inFolder('api.key')];
  const { out, notes } = await keyhold(defineCertificate, 'import', 'Api', ...files, '--chain', inFolder('other.crt'));
  expect(out).toMatch(/^Chain +CN=Other$/m);
  expect(notes).toContain(`${inFolder('api.key')} still has the key`);
  expect((await keyhold(defineCertificate, 'show', 'api')).out).toMatch(/^Key +EC_P256, from a file$/m);
  await keyhold(defineCertificate, 'rm', 'api');
});
