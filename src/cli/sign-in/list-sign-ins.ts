import type { SignInType } from '../../contract/sign-ins.ts';
import type { Cli } from '../cli.ts';
import { table } from '../table.ts';
import { stateWords, whereOf } from './words.ts';

/** Prints the sign-ins of a type, or that there is `none`. */
export async function listSignIns(
  cli: Cli,
  { type, where, none }: { type: SignInType; where: string; none: string },
): Promise<void> {
  const signIns = (await cli.call('signIn.list', {})).signIns.filter(({ settings }) => settings.type === type);
  cli.print({ signIns }, () =>
    signIns.length === 0
      ? `${none}\n`
      : table(
          [{ title: 'Name' }, { title: where }, { title: 'State' }, { title: 'Profiles', align: 'right', fixed: true }],
          signIns.map((one) => [
            one.name,
            whereOf(one.settings),
            stateWords(one, cli.now()),
            String(one.profiles.length),
          ]),
          { width: cli.width, header: cli.paint.dim },
        ),
  );
}
