import { basename } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { caBundlePath } from '../ca-bundle.ts';
import { checkRegion } from '../check-region.ts';
import { childEnv } from '../child-env.ts';
import type { Cli } from '../cli.ts';
import { type Define, expiresOption, withExamples } from '../command.ts';
import { containerEnv } from '../container-env.ts';
import { parseDuration } from '../duration.ts';
import { ExitWith, usageError } from '../errors.ts';
import { issueClientKey } from '../issue-client-key.ts';
import { keepLease } from '../lease.ts';
import { checkRunnable, holdSignals, runChild } from '../run-child.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';

const CLEAN_UP_MS = 5000;

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold exec prod -- aws s3 ls',
    'keyhold exec prod -- terraform plan',
    'keyhold exec prod --region us-west-2 -- python3 report.py',
    'keyhold exec prod --container -- ./tool-that-knows-no-endpoint',
  ])
    .argument('<profile>', 'the profile that the command’s requests are signed as')
    .argument('<command...>', 'the command and its arguments, after --')
    .usage('<profile> [options] -- <command...>')
    .option('--region <region>', 'another region than the profile’s')
    .option('--keep-config', 'leave your own ~/.aws/config in place for the command')
    .option(
      '--container',
      'let the command fetch temporary credentials that AWS itself takes, in place of a client key: they leave Keyhold',
    )
    .addOption(expiresOption('when the client key stops working, even if the command still runs').default('12h'))
    .action(async (profile: string, words: string[], options: ExecOptions) => {
      const [program, ...args] = words;
      if (options.passwordStdin === true) {
        throw usageError('Standard input belongs to the command. Use --password-file, or unlock first.');
      }
      if (program === undefined) throw usageError('Say what to run: keyhold exec PROFILE -- COMMAND');
      if (options.container === true) {
        if (options.keepConfig === true)
          throw usageError('Credentials in your own files would win over --container. Leave --keep-config out.');
        throw new ExitWith(await executeInContainer(cli, profile, options, program, args));
      }
      throw new ExitWith(await execute(cli, profile, options, program, args));
    });
};

interface ExecOptions {
  region?: string;
  keepConfig?: boolean;
  container?: boolean;
  expires: string;
  passwordStdin?: boolean;
}

async function execute(
  cli: Cli,
  profile: string,
  options: ExecOptions,
  program: string,
  args: string[],
): Promise<number> {
  checkRunnable(program, process.env);
  const expiresInSeconds = parseDuration(options.expires);
  // Whatever has to be asked is asked now, while Ctrl-C still simply ends this program.
  const { profiles } = await cli.call('profile.list', {});
  if (options.region !== undefined) checkRegion(profiles, profile, options.region);
  const signals = holdSignals();
  try {
    const key = await issueClientKey(cli, {
      profile,
      purpose: 'exec',
      label: basename(program).slice(0, 64),
      expiresInSeconds,
    });
    const lease = keepLease(cli.home, key.accessKeyId);
    // The keyboard is the child's from here on.
    cli.neverAsk();
    try {
      const path = caBundlePath(cli.home, key.caBundle);
      const env = childEnv(
        process.env,
        {
          profile,
          accessKeyId: key.accessKeyId,
          secretAccessKey: key.secretAccessKey,
          endpoint: key.endpoint,
          region: options.region ?? key.region,
          ...(key.output === undefined ? {} : { output: key.output }),
          ...(path === undefined ? {} : { caBundlePath: path }),
        },
        { keepConfig: options.keepConfig === true },
      );
      // Its requests may want a touch, and nobody else at this terminal says so.
      return await withPrompts(cli, ['gate'], () => runChild(program, args, env, signals), key.client.name);
    } finally {
      await removeQuietly(cli, key.client.name);
      lease.end();
    }
  } finally {
    signals.release();
  }
}

/** The lease of the endpoint is this process's connection: it ends with it, in whatever way. */
async function executeInContainer(
  cli: Cli,
  profile: string,
  options: ExecOptions,
  program: string,
  args: string[],
): Promise<number> {
  checkRunnable(program, process.env);
  const label = basename(program).slice(0, 64);
  const given = await withPrompts(cli, ['gate'], () => cli.call('leave.container', { profile, label }));
  const signals = holdSignals();
  // The keyboard is the child's from here on.
  cli.neverAsk();
  try {
    const env = containerEnv(process.env, { ...given, profile, region: options.region ?? given.region });
    return await withPrompts(cli, ['gate'], () => runChild(program, args, env, signals), label);
  } finally {
    signals.release();
  }
}

/** The client goes with its lease as well, so failing here is worth a word, not an error. */
async function removeQuietly(cli: Cli, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CLEAN_UP_MS);
  });
  const removed = cli.call('client.remove', { name }).then(
    () => true,
    (error: unknown) => error instanceof KeyholdError && error.code === 'NotFound',
  );
  if (!(await Promise.race([removed, late])))
    cli.note(`keyhold: the client ${name} could not be removed now; the next unlock does it.`);
  clearTimeout(timer);
}
