import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FoundAws, parseAwsFiles, wipeFound } from '../client/import/aws-files.ts';
import type { Problem } from '../client/import/ini.ts';
import { type ImportPlan, isClientKey, type PlannedProfile, planAwsImport } from '../client/import/plan.ts';
import { KeyholdError } from '../contract/errors.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { Profile } from '../contract/schemas.ts';
import { readIfThere } from './aws-config/write-file.ts';
import { type AccountOptions, type Chosen, chooseAccounts, chooseRoleAccounts } from './choose-accounts.ts';
import type { Cli } from './cli.ts';
import { compareKeys } from './compare-keys.ts';
import { Cancelled, ExitWith, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { planJson, planText } from './import-aws-plan.ts';
import { filesTrouble, importCertificate, sameCertificate } from './import-certificate.ts';
import { keyFormOf } from './key-form.ts';
import { SHRED_NOTE, shredFile } from './shred.ts';
import { print } from './standard-output.ts';
import { count } from './words.ts';

export interface ImportAwsOptions extends AccountOptions {
  dir?: string;
  dryRun?: boolean;
  shred?: boolean;
}

interface Files {
  credentials: { path: string; bytes: Uint8Array | null };
  config: { path: string; bytes: Uint8Array | null };
}

/** `keyhold import aws`: shows what is there, asks what is unknown, imports, and deletes only when told to. */
export async function importAws(cli: Cli, options: ImportAwsOptions): Promise<void> {
  const files = readFiles(options);
  const form = options.account === undefined ? 'aws' : await keyFormOf(cli, options.account);
  const found = parseAwsFiles(
    {
      ...(files.credentials.bytes === null ? {} : { credentials: files.credentials.bytes }),
      ...(files.config.bytes === null ? {} : { config: files.config.bytes }),
    },
    form,
  );
  try {
    if (found.problems.length > 0) throw malformed(found.problems, files);
    const [{ accounts }, { keys }, { profiles }, { signIns }, { certificates }] = [
      await cli.call('account.list', {}),
      await cli.call('key.list', {}),
      await cli.call('profile.list', {}),
      await cli.call('signIn.list', {}),
      await cli.call('certificate.list', {}),
    ];
    const matches = await compareKeys(cli, found, keys);
    const vault = { keys, profiles, signIns, certificates };
    const plan = planAwsImport(found, { ...vault, matches, filesTrouble, sameCertificate });
    if (!cli.json) print(planText(cli, found, plan));
    if (options.dryRun === true) {
      cli.print({ ...planJson(found, plan), dryRun: true }, () => 'Nothing was imported (--dry-run).\n');
      return;
    }
    const anything = plan.keys.length + plan.profiles.length + plan.signIns.length > 0;
    if (anything) {
      const chosen = await chooseAccounts(cli, plan.keys, accounts, options);
      chooseRoleAccounts(chosen, plan.profiles, accounts);
      await confirmImport(cli, plan, chosen, options);
      await carryOut(cli, plan, chosen);
    }
    const shredded = options.shred === true ? await shred(cli, files, found, plan, options) : null;
    cli.print({ ...planJson(found, plan), shredded }, () =>
      anything
        ? `Imported ${count(plan.keys.length, 'key')} and ${count(plan.profiles.length, 'profile')}.\n`
        : 'There was nothing to import.\n',
    );
    await noteMissingDevices(cli, plan.profiles);
    for (const { name } of plan.signIns)
      cli.note(`Sign in to ${name} before its profiles are used: keyhold login ${quotedName(name)}`);
    if (options.shred !== true && plan.keys.length > 0) {
      cli.note(
        `The files still hold the keys. Once you have tried them: keyhold import aws --shred, then keyhold config install.`,
      );
    }
  } finally {
    wipeFound(found);
    files.credentials.bytes?.fill(0);
    files.config.bytes?.fill(0);
  }
}

function readFiles(options: ImportAwsOptions): Files {
  const folder = options.dir === undefined ? join(homedir(), '.aws') : resolve(options.dir);
  const place = (name: string, variable: string): string => {
    const chosen = process.env[variable];
    return options.dir === undefined && chosen !== undefined && chosen !== '' ? resolve(chosen) : join(folder, name);
  };
  const credentials = place('credentials', 'AWS_SHARED_CREDENTIALS_FILE');
  const config = place('config', 'AWS_CONFIG_FILE');
  const files = {
    credentials: { path: credentials, bytes: readIfThere(credentials) },
    config: { path: config, bytes: readIfThere(config) },
  };
  if (files.credentials.bytes === null && files.config.bytes === null) {
    throw new KeyholdError('NotFound', `There is neither ${credentials} nor ${config}.`);
  }
  return files;
}

function malformed(problems: readonly Problem[], files: Files): KeyholdError {
  const lines = problems.map(({ file, line, message }) => {
    const path = file === 'config' ? files.config.path : files.credentials.path;
    return `${path} line ${line}: ${message}`;
  });
  const text = `Nothing was imported, because these lines cannot be read:\n  ${lines.join('\n  ')}`;
  return new KeyholdError('InvalidInput', text, { problems });
}

async function confirmImport(cli: Cli, plan: ImportPlan, chosen: Chosen, options: ImportAwsOptions): Promise<void> {
  if (options.yes === true) return;
  const person = cli.needTerminal('Add --yes to import without being asked, or --dry-run to look first.');
  const what = [
    ...(chosen.create.length === 0 ? [] : [count(chosen.create.length, 'account')]),
    count(plan.keys.length, 'key'),
    ...(plan.certificates.length === 0 ? [] : [count(plan.certificates.length, 'certificate')]),
    count(plan.profiles.length, 'profile'),
    ...(plan.signIns.length === 0 ? [] : [count(plan.signIns.length, 'sign-in')]),
  ].join(', ');
  if (!(await person.confirm(`Import ${what}?`, true))) throw new Cancelled();
}

async function carryOut(cli: Cli, plan: ImportPlan, chosen: Chosen): Promise<void> {
  for (const { name, startUrl, region, scopes } of plan.signIns) {
    await cli.call('signIn.add', { name, settings: { type: 'sso', startUrl, region, scopes } });
  }
  for (const account of chosen.create) await cli.call('account.add', { ...account, kind: 'remote' });
  for (const { name, key } of plan.keys) {
    await cli.callSealed('key.import', async (seal) => ({
      name,
      account: accountOf(chosen, name),
      accessKeyId: key.accessKeyId,
      secretAccessKey: await seal('secret-access-key', key.secretAccessKey),
      ...(key.sessionToken === undefined ? {} : { sessionToken: await seal('session-token', key.sessionToken) }),
      source: 'aws-files',
    }));
  }
  for (const certificate of plan.certificates) await importCertificate(cli, certificate);
  for (const profile of plan.profiles) await addProfile(cli, profile, chosen);
}

async function addProfile(cli: Cli, profile: PlannedProfile, chosen: Chosen): Promise<void> {
  const { name, place, key, source, origin, role, mfaSerial, region } = profile;
  const output = asOutput(profile.output);
  try {
    await cli.call('profile.add', {
      name,
      account: profile.account ?? chosen.byProfile.get(name) ?? accountOf(chosen, key ?? name),
      ...(key === undefined ? {} : { key }),
      ...(source === undefined ? {} : { source }),
      ...(origin === undefined ? {} : { origin }),
      ...(role === undefined ? {} : { role }),
      ...(mfaSerial === undefined ? {} : { mfaSerial }),
      ...(region === undefined ? {} : { region }),
      ...(output === undefined ? {} : { output }),
    });
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code !== 'InvalidInput') throw error;
    const text = `The profile ${name} (${place.file} line ${place.line}) was not added: ${error.message} What comes before it is imported; the same command goes on from there.`;
    throw new KeyholdError('InvalidInput', text, undefined, { cause: error });
  }
}

/** Such a profile gets no session from AWS until the vault has the seed of its device. */
async function noteMissingDevices(cli: Cli, profiles: readonly PlannedProfile[]): Promise<void> {
  const wanted = new Set(profiles.flatMap(({ mfaSerial }) => (mfaSerial === undefined ? [] : [mfaSerial])));
  if (wanted.size === 0) return;
  const { devices } = await cli.call('totp.list', {});
  for (const device of devices) if (device.mfaSerial !== undefined) wanted.delete(device.mfaSerial);
  for (const serial of wanted) {
    const names = profiles.filter(({ mfaSerial }) => mfaSerial === serial).map(({ name }) => name);
    cli.note(
      `${names.join(', ')}: the vault does not have the codes of ${serial} yet. Add them: keyhold totp add NAME --mfa-serial ${quotedName(serial)}`,
    );
  }
}

function asOutput(text: string | undefined): Profile['output'] {
  const known = ['json', 'text', 'table', 'yaml', 'yaml-stream'] as const;
  return known.find((format) => format === text);
}

function accountOf(chosen: Chosen, key: string): string {
  const name = chosen.byKey.get(key);
  if (name === undefined)
    throw new KeyholdError('Internal', `No account was chosen for the key ${key}. Import it with --account.`);
  return name;
}

/** Deletes the credentials file, when every key in it is in the vault with its secret. */
async function shred(
  cli: Cli,
  files: Files,
  found: FoundAws,
  plan: ImportPlan,
  options: ImportAwsOptions,
): Promise<string[]> {
  const { path, bytes } = files.credentials;
  const inConfig = /^\s*aws_secret_access_key\s*[=:]/im.test(Buffer.from(files.config.bytes ?? []).toString('latin1'));
  if (inConfig)
    cli.note(
      `${files.config.path} holds keys too. It is not deleted, for it has your other settings: take those lines out by hand.`,
    );
  if (bytes === null) return [];
  const behind = plan.keysLeft.filter(({ file }) => file === 'credentials');
  if (behind.length > 0) {
    const names = behind.map((one) => `${one.profile} (line ${one.line})`).join(', ');
    throw usageError(`${path} was not deleted: these keys are not in the vault: ${names}.`);
  }
  // Asked of the vault as it is now, secret by secret: the file may hold the only copy.
  const { keys } = await cli.call('key.list', {});
  const matches = await compareKeys(cli, found, keys);
  const missing = found.profiles.find(
    ({ key }) => key !== undefined && !isClientKey(key) && !keys.some(({ name }) => matches(key, name)),
  );
  if (missing !== undefined)
    throw usageError(`${path} was not deleted: the key of ${missing.name} is not in the vault.`);
  const person = cli.terminal();
  if (person !== null) {
    person.say(`${SHRED_NOTE}\n`);
    if (!(await person.confirm(`Overwrite and delete ${path}?`, false))) throw new ExitWith(EXIT.failure);
  } else if (options.yes !== true) throw usageError('Add --yes to delete the file without being asked.');
  shredFile(path, bytes);
  cli.note(
    person === null ? `${path} is overwritten and deleted. ${SHRED_NOTE}` : `${path} is overwritten and deleted.`,
  );
  return [path];
}
