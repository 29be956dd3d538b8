import { devNull, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { resolveHome, surroundings } from '../../daemon/home.ts';
import { collect } from '../arguments.ts';
import { putBlock, takeBlock } from '../aws-config/block.ts';
import { lineDiff } from '../aws-config/diff.ts';
import { othersProfiles, profileLines } from '../aws-config/profiles.ts';
import { readIfThere, replaceFile } from '../aws-config/write-file.ts';
import { caBundlePath } from '../ca-bundle.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { safeText } from '../output.ts';
import { ownCommand } from '../start-daemon.ts';
import { count } from '../words.ts';

interface Options {
  profile?: string[];
  dir?: string;
  dryRun?: boolean;
}

export const define: Define = (command, cli) => {
  leaf(command, 'install', 'write profiles into ~/.aws/config, so that tools find them by name', [
    'keyhold config install',
    'keyhold config install --profile prod --profile stage --dry-run',
    'AWS_PROFILE=prod aws s3 ls     # afterwards',
  ])
    .option('--profile <name>', 'only this profile (repeatable; default: all)', collect)
    .option('--dir <folder>', 'instead of ~/.aws')
    .option('--dry-run', 'show what would change and write nothing')
    .action((options: Options) => install(cli, options));

  leaf(command, 'uninstall', 'take Keyhold’s profiles out of ~/.aws/config again', ['keyhold config uninstall'])
    .option('--dir <folder>', 'instead of ~/.aws')
    .option('--dry-run', 'show what would change and write nothing')
    .action((options: Options) => {
      const path = configPath(options);
      const before = readIfThere(path);
      const after = before === null ? null : takeBlock(before);
      finish(cli, options, path, before, after, {
        unchanged: 'Nothing of Keyhold’s stands in',
        done: 'Keyhold’s profiles are gone from',
      });
    });
};

function folder(options: Options): string {
  return options.dir === undefined ? join(homedir(), '.aws') : resolve(options.dir);
}

function configPath(options: Options): string {
  // Inside keyhold exec the variable only keeps the real file out of the way.
  const inside = process.env['AWS_CONFIG_FILE'] === devNull;
  const chosen = inside ? undefined : process.env['AWS_CONFIG_FILE'];
  return options.dir === undefined && chosen !== undefined && chosen !== ''
    ? resolve(chosen)
    : join(folder(options), 'config');
}

function credentialsPath(options: Options): string {
  const chosen = process.env['AWS_SHARED_CREDENTIALS_FILE'];
  return options.dir === undefined && chosen !== undefined && chosen !== ''
    ? resolve(chosen)
    : join(folder(options), 'credentials');
}

async function install(cli: Cli, options: Options): Promise<void> {
  const all = (await cli.call('profile.list', {})).profiles;
  const wanted = options.profile ?? all.map((profile) => profile.name);
  if (wanted.length === 0)
    throw new KeyholdError('NotFound', 'There is no profile to install. Add one with keyhold profile add.');
  const chosen = [...new Set(wanted)].map((name) => {
    const found = all.find((profile) => profile.name === name);
    if (found === undefined) throw new KeyholdError('NotFound', `There is no profile "${name}".`);
    return found;
  });
  const status = await cli.call('status.get', {});
  const endpoint = status.httpsEndpoint ?? status.endpoint;
  if (endpoint === null) {
    throw new KeyholdError(
      'PortInUse',
      status.doorError ?? 'Keyhold’s door is closed, so there is no endpoint to write.',
    );
  }
  const pem = status.httpsEndpoint === null ? undefined : (await cli.call('ca.export', {})).pem;
  const bundle = caBundlePath(cli.home, pem);

  const path = configPath(options);
  const before = readIfThere(path);
  const names = new Set(chosen.map((profile) => profile.name));
  refuseShadowing(before, path, 'config', names);
  refuseShadowing(readIfThere(credentialsPath(options)), credentialsPath(options), 'credentials', names);
  const lines = profileLines(
    chosen.map((profile) => ({
      name: profile.name,
      region: profile.region,
      endpoint,
      ...(profile.output === undefined ? {} : { output: profile.output }),
      ...(bundle === undefined ? {} : { caBundlePath: bundle }),
    })),
    ownCommand(),
    isDefaultHome(cli.home) ? undefined : cli.home,
  );
  const after = putBlock(before, lines);
  const profiles = count(chosen.length, 'profile');
  finish(cli, options, path, before, after, {
    unchanged: `${profiles} stood already in`,
    done: `${profiles} written to`,
  });
}

/** Tools run credential_process from anywhere: only the default folder goes without saying. */
function isDefaultHome(home: string): boolean {
  const at = surroundings();
  const { KEYHOLD_HOME: _, ...env } = at.env;
  return resolveHome({ ...at, env }) === home;
}

/** A section somebody else wrote would hide ours or be hidden by it; a key in credentials would win over ours. */
function refuseShadowing(
  bytes: Uint8Array | null,
  path: string,
  file: 'config' | 'credentials',
  names: ReadonlySet<string>,
): void {
  if (bytes === null) return;
  const clash = othersProfiles(bytes, file).find((place) => names.has(place.profile));
  if (clash === undefined) return;
  const why =
    file === 'config'
      ? 'Keyhold never changes a section that it did not write'
      : 'AWS tools would use that key instead of asking Keyhold';
  throw new KeyholdError(
    'AlreadyExists',
    `${path} line ${clash.line} has a profile "${clash.profile}" already: ${why}. Rename or remove that section, or choose others with --profile.`,
    { path, line: clash.line, profile: clash.profile },
  );
}

function finish(
  cli: Cli,
  options: Options,
  path: string,
  before: Uint8Array | null,
  after: Uint8Array | null,
  words: { unchanged: string; done: string },
): void {
  const diff = lineDiff(before, after);
  const changed = diff !== '' || (before === null) !== (after === null);
  if (options.dryRun !== true && changed) replaceFile(path, after, before);
  cli.print(
    { path, changed, written: changed && options.dryRun !== true, ...(options.dryRun === true ? { diff } : {}) },
    () => {
      if (!changed) return `${words.unchanged} ${path}; nothing to do.\n`;
      if (options.dryRun === true) return `${safeText(diff)}Nothing was written to ${path} (--dry-run).\n`;
      return `${words.done} ${path}. Everything others wrote in it stays as it was.\n`;
    },
  );
}
