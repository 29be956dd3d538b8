import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FoundAws, parseAwsFiles, wipeFound } from '../client/import/aws-files.ts';
import type { Problem } from '../client/import/ini.ts';
import { type ImportPlan, isClientKey, planAwsImport } from '../client/import/plan.ts';
import { KeyholdError } from '../contract/errors.ts';
import type { Profile } from '../contract/schemas.ts';
import { readIfThere } from './aws-config/write-file.ts';
import { type AccountOptions, type Chosen, chooseAccounts } from './choose-accounts.ts';
import type { Cli } from './cli.ts';
import { compareKeys } from './compare-keys.ts';
import { Cancelled, ExitWith, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { keyFormOf } from './key-form.ts';
import { SHRED_NOTE, shredFile } from './shred.ts';
import { table } from './table.ts';
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
    const [{ accounts }, { keys }, { profiles }] = [
      await cli.call('account.list', {}),
      await cli.call('key.list', {}),
      await cli.call('profile.list', {}),
    ];
    const plan = planAwsImport(found, { keys, profiles, matches: await compareKeys(cli, found, keys) });
    if (!cli.json) process.stdout.write(planText(cli, found, plan));
    if (options.dryRun === true) {
      cli.print({ ...planJson(found, plan), dryRun: true }, () => 'Nothing was imported (--dry-run).\n');
      return;
    }
    if (plan.keys.length + plan.profiles.length > 0) {
      const chosen = await chooseAccounts(cli, plan.keys, accounts, options);
      await confirmImport(cli, plan, chosen, options);
      await carryOut(cli, plan, chosen);
    }
    const shredded = options.shred === true ? await shred(cli, files, found, plan, options) : null;
    cli.print({ ...planJson(found, plan), shredded }, () =>
      plan.keys.length + plan.profiles.length === 0
        ? 'There was nothing to import.\n'
        : `Imported ${count(plan.keys.length, 'key')} and ${count(plan.profiles.length, 'profile')}.\n`,
    );
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

function planText(cli: Cli, found: FoundAws, plan: ImportPlan): string {
  const rows = found.profiles.map((profile) => {
    const skipped = plan.skipped.find((one) => one.profile === profile.name);
    const willImport = plan.keys.some((one) => one.key === profile.key);
    return [
      profile.name,
      profile.key?.accessKeyId ?? '',
      profile.region ?? '',
      `${profile.place.file}:${profile.key?.place.line ?? profile.place.line}`,
      skipped === undefined ? (willImport ? 'import' : 'import, with a key that is there') : `skip: ${skipped.reason}`,
    ];
  });
  const text = table(
    [
      { title: 'Profile' },
      { title: 'Access key id', fixed: true },
      { title: 'Region' },
      { title: 'Where' },
      { title: 'Plan' },
    ],
    rows,
    { width: cli.width, header: cli.paint.dim },
  );
  const left = [
    ...found.profiles
      .filter((profile) => profile.key !== undefined)
      .flatMap((profile) => profile.leftovers.map((one) => `  ${one.file}:${one.line}  ${one.what}: ${one.reason}\n`)),
    ...found.otherSections.map((one) => `  ${one.file}:${one.line}  [${one.header}]: ${one.reason}\n`),
  ];
  return left.length === 0 ? `${text}\n` : `${text}\nLeft behind:\n${left.join('')}\n`;
}

function planJson(found: FoundAws, plan: ImportPlan): Record<string, unknown> {
  return {
    keys: plan.keys.map((one) => ({ name: one.name, accessKeyId: one.key.accessKeyId })),
    profiles: plan.profiles,
    skipped: plan.skipped,
    leftovers: found.profiles.flatMap((profile) => profile.leftovers.map((one) => ({ profile: profile.name, ...one }))),
    otherSections: found.otherSections,
  };
}

async function confirmImport(cli: Cli, plan: ImportPlan, chosen: Chosen, options: ImportAwsOptions): Promise<void> {
  if (options.yes === true) return;
  const person = cli.needTerminal('Add --yes to import without being asked, or --dry-run to look first.');
  const what = [
    ...(chosen.create.length === 0 ? [] : [count(chosen.create.length, 'account')]),
    count(plan.keys.length, 'key'),
    count(plan.profiles.length, 'profile'),
  ].join(', ');
  if (!(await person.confirm(`Import ${what}?`, true))) throw new Cancelled();
}

async function carryOut(cli: Cli, plan: ImportPlan, chosen: Chosen): Promise<void> {
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
  for (const profile of plan.profiles) {
    const output = asOutput(profile.output);
    await cli.call('profile.add', {
      name: profile.name,
      account: profile.account ?? accountOf(chosen, profile.key),
      key: profile.key,
      ...(profile.region === undefined ? {} : { region: profile.region }),
      ...(output === undefined ? {} : { output }),
    });
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
  const behind = plan.skipped.filter((one) => one.keyLeftBehind && one.file === 'credentials');
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
