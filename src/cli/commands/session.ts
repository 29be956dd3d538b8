import { originWords } from '../../contract/origin-words.ts';
import type { AwsSession } from '../../contract/sessions.ts';
import { type Define, leaf } from '../command.ts';
import { table } from '../table.ts';
import { lasting, relativeTime } from '../words.ts';

const STILL_GOOD =
  'AWS takes them until they expire, wherever else they are. To end them there: for a role, "Revoke active sessions" in the IAM console; for a user, deactivate the access key and deny what is older (aws:TokenIssueTime).';

export const define: Define = (command, cli) => {
  leaf(command, 'list', 'list them, with the time that is left', [
    'keyhold session list',
    'keyhold session list --json',
  ]).action(async () => {
    const { sessions } = await cli.call('session.list', {});
    const now = cli.now();
    cli.print({ sessions }, () => {
      if (sessions.length === 0) {
        return 'No profile works with temporary credentials. Those with a role or an MFA device do: keyhold profile add --help\n';
      }
      const rows = sessions.map((one) => [
        one.profile,
        one.account,
        roleWords(one),
        stateWords(one),
        one.state === 'active' && one.expiresAt !== undefined ? lasting((Date.parse(one.expiresAt) - now) / 1000) : '',
        one.seconds === undefined || one.mostSeconds === undefined
          ? ''
          : `${lasting(one.seconds)} of ${lasting(one.mostSeconds)}`,
        one.accessKeyId ?? '',
      ]);
      const columns = [
        { title: 'Profile' },
        { title: 'Account' },
        { title: 'Role' },
        { title: 'State', fixed: true },
        { title: 'Left', align: 'right', fixed: true },
        { title: 'Lasts, of at most', fixed: true },
        { title: 'Access key id', fixed: true },
      ] as const;
      return table(columns, rows, { width: cli.width, header: cli.paint.dim }) + failures(sessions, now);
    });
  });

  leaf(command, 'refresh <profile>', 'ask AWS for new ones now', ['keyhold session refresh prod']).action(
    async (profile: string) => {
      const session = await cli.call('session.refresh', { profile });
      cli.print(session, () => {
        const left = session.remainingSeconds ?? 0;
        return `${session.profile} has new credentials (${session.accessKeyId ?? ''}) for ${lasting(left)}.\n`;
      });
    },
  );

  const revoke = leaf(command, 'revoke <profile>', 'forget them here', ['keyhold session revoke prod']);
  revoke.addHelpText('after', `\n${STILL_GOOD}`).action(async (profile: string) => {
    const done = await cli.call('session.revoke', { profile });
    cli.print(done, () =>
      done.revoked
        ? `The credentials of ${profile} are forgotten here. ${STILL_GOOD}\n`
        : `There are no credentials of ${profile} to forget.\n`,
    );
  });
};

function stateWords({ state, refreshing }: AwsSession): string {
  if (refreshing) return 'refreshing';
  return state === 'none' ? 'not yet' : state;
}

/** Why there is none, or no newer one. */
function failures(sessions: readonly AwsSession[], now: number): string {
  return sessions
    .flatMap(({ profile, failure }) =>
      failure === undefined ? [] : [`\n${profile}, ${relativeTime(failure.at, now)}: ${failure.message}\n`],
    )
    .join('');
}

function roleWords({ roleArn, origin }: AwsSession): string {
  if (roleArn !== undefined) return roleArn.replace(/^.*:role\//, '');
  return origin === undefined ? 'of the user' : originWords(origin).replace(/^role /, '');
}
